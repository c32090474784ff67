"""How a resource finds its service: by type.

    class UserCollection(MethodView):
        service = Provided(UserService)

The application's services are handed over once, when it is built.
"""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar, cast

from flask import Flask, current_app

S = TypeVar("S")
_EXTENSION = "userapi"


def provide(app: Flask, services: Mapping[type, object]) -> None:
    """Make `services` findable for the resources of `app`."""
    app.extensions[_EXTENSION] = dict(services)


def provided(kind: type[S]) -> S:
    """Return the current application's service of that type."""
    return cast("S", current_app.extensions[_EXTENSION][kind])


def another_context() -> AbstractContextManager[object]:
    """Return a context of the current application in which another thread can find them."""
    return current_app.app_context()


class Provided(Generic[S]):
    """A descriptor for the current application's service of one type."""

    def __init__(self, kind: type[S]) -> None:
        self._kind = kind

    def __get__(self, instance: Any, owner: type) -> S:
        """Look the service up."""
        return provided(self._kind)
