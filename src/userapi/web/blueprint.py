"""The typed blueprint: one stack of decorators is an operation's contract.

    @blp.auth()
    @blp.arguments(UserUpdateSchema)
    @blp.response(200, UserSchema)
    @blp.raises(UserNotFound, NotAllowed)
    @blp.doc(operationId="update_user")
    def patch(self, principal, changes, user_id): ...

flask-smorest has no types; they are given to its decorators here, and only here.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import flask_smorest
from flask import request
from marshmallow import Schema

from userapi.kit.errors import DomainError, InvalidInput, NotAllowed, StoreUnavailable
from userapi.kit.principal import Principal, Role
from userapi.kit.tokens import TokenKind
from userapi.web.authentication import Authenticator
from userapi.web.errors import (
    BodyTooLarge,
    MalformedBody,
    SessionEnded,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    UnsupportedMediaType,
)
from userapi.web.operation import (
    Facts,
    current_facts,
    problems_in,
    record_problems,
    record_security,
    security_in,
    takes_query,
)
from userapi.web.parser import StrictParser, refuse_query_parameters
from userapi.web.problem_docs import problem_responses
from userapi.web.services import provided

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
F = TypeVar("F", bound=Callable[..., Any])

API_PREFIX = "/api/v1"
SECURITY_SCHEMES = {TokenKind.ACCESS: "bearerAuth", TokenKind.REFRESH: "refreshAuth"}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # the library is untyped
    """A feature's operations."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, *, url_prefix: str = API_PREFIX, description: str) -> None:
        super().__init__(name, name, url_prefix=url_prefix, description=description)
        self._prepare_doc_cbks.append(_prepare_operation_doc)

    def auth(
        self, *, role: Role = Role.USER, token: TokenKind = TokenKind.ACCESS
    ) -> Callable[[Callable[Concatenate[S, Principal, P], R]], Callable[Concatenate[S, P], R]]:
        """Let in callers with a valid token and that role; the method gets the principal."""

        def decorate(
            function: Callable[Concatenate[S, Principal, P], R],
        ) -> Callable[Concatenate[S, P], R]:
            @wraps(function)
            def authenticated(resource: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
                principal = provided(Authenticator).authenticate(
                    request.headers.get("Authorization"), token
                )
                if not principal.has_role(role):
                    raise NotAllowed
                return function(resource, principal, *args, **kwargs)

            record_problems(authenticated, TokenMissing, TokenInvalid, TokenExpired, SessionEnded)
            if role is not Role.USER:
                record_problems(authenticated, NotAllowed)
            record_security(authenticated, SECURITY_SCHEMES[token])
            return authenticated

        return decorate

    def arguments(
        self, schema: type[Schema], *, location: str = "json", **kwargs: Any
    ) -> Callable[[F], F]:
        """Validate the body or the query; the method gets what the schema makes of it."""
        decorate = super().arguments(schema, location=location, **kwargs)

        def decorate_and_record(function: F) -> F:
            decorated: F = decorate(function)
            if location == "json":
                record_problems(decorated, MalformedBody, UnsupportedMediaType)
            return decorated

        return decorate_and_record

    def response(
        self, status_code: int, schema: type[Schema] | None = None, **kwargs: Any
    ) -> Callable[[F], F]:
        """Answer with that status and the result, shaped by `schema`."""
        decorate = super().response(status_code, schema, **kwargs)

        def decorate_and_record(function: F) -> F:
            @wraps(function)
            def checked(*args: Any, **kwargs: Any) -> Any:
                facts = current_facts()
                if facts is None or not takes_query(facts):
                    refuse_query_parameters()
                return function(*args, **kwargs)

            decorated: F = decorate(checked)
            record_problems(decorated, BodyTooLarge, InvalidInput, StoreUnavailable)
            return decorated

        return decorate_and_record

    def raises(self, *errors: type[DomainError]) -> Callable[[F], F]:
        """Declare what else the operation may answer with."""

        def decorate(function: F) -> F:
            record_problems(function, *errors)
            return function

        return decorate

    def doc(self, **facts: Any) -> Callable[[F], F]:
        """Add to the operation's document as it is, for example its `operationId`."""
        decorate: Callable[[F], F] = super().doc(**facts)
        return decorate


def _prepare_operation_doc(doc: Facts, facts: Facts, **_: Any) -> Facts:
    """Add to an operation's document who may call it, and how it may fail."""
    doc["security"] = security_in(facts)
    responses = doc.get("responses", {}) | problem_responses(problems_in(facts))
    doc["responses"] = {status: responses[status] for status in sorted(responses)}
    return doc
