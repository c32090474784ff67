"""Applications that fail as they are told."""

from dataclasses import dataclass
from typing import NoReturn

from flask import Flask
from flask.testing import FlaskClient
from flask.views import MethodView

from userapi.kit.errors import DomainError
from userapi.web.api import Api
from userapi.web.blueprint import Blueprint
from userapi.web.services import provided

SECRET = "the-colour-of-the-safe-is-4711"


@dataclass(frozen=True)
class Failing:
    """An application with routes and operations that fail as they are told."""

    app: Flask

    @property
    def client(self) -> FlaskClient:
        return self.app.test_client()

    def route(self, error: Exception) -> str:
        """Add a route outside the API; return its path."""

        def fail() -> NoReturn:
            raise error

        self.app.add_url_rule("/failing", view_func=fail)
        return "/failing"

    def operation(self, error: DomainError, *declared: type[DomainError]) -> str:
        """Add an operation of the API that declares these errors; return its path."""
        blp = Blueprint("failing", url_prefix="/api/failing", description="Fails.")

        @blp.route("/operation")
        class Operation(MethodView):
            @blp.response(200)
            @blp.raises(*declared)
            def get(self) -> NoReturn:
                raise error

        with self.app.app_context():
            provided(Api).register_blueprint(blp)
        return "/api/failing/operation"
