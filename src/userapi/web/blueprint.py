"""The typed blueprint: one stack of decorators is an operation's contract.

    @blp.auth(rule=EDITING)
    @blp.arguments(UserUpdateSchema)
    @blp.if_match
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(UserNotFound)
    @blp.doc(operationId="update_user")
    def patch(self, principal, changes, user_id, versions): ...

flask-smorest has no types; they are given to its decorators here, and only here.
"""

import re
from collections.abc import Callable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import flask_smorest
from flask import request
from flask.views import MethodView
from marshmallow import Schema

from userapi.kit.errors import (
    DomainError,
    InvalidInput,
    NotAllowed,
    SessionEnded,
    StoreUnavailable,
)
from userapi.kit.idempotency import IdempotencyKeyInUse, IdempotencyKeyReused
from userapi.kit.limits import LimitedOperation
from userapi.kit.permissions import ANY_USER, Requires, Rule
from userapi.kit.principal import Principal
from userapi.kit.tokens import TokenKind
from userapi.kit.versions import StaleVersion
from userapi.web.authentication import Authenticator
from userapi.web.conditional import Cacheable, accepted_versions, etag_of, not_modified
from userapi.web.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    MalformedBody,
    PathNotFound,
    RequestTimeout,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
    TooManyRequests,
    UnsupportedMediaType,
    UriTooLong,
)
from userapi.web.idempotency import IdempotentRequests, idempotency_key
from userapi.web.operation import (
    Link,
    Trait,
    current_facts,
    record_access,
    record_limit,
    record_links,
    record_problems,
    record_security,
    record_trait,
    takes_query,
)
from userapi.web.operation_docs import describe_operation
from userapi.web.parser import StrictParser, refuse_query_parameters
from userapi.web.services import provided

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")
F = TypeVar("F", bound=Callable[..., Any])

API_PREFIX = "/api/v1"
_PROBLEMS_OF_ALL = (
    BodyTooLarge,
    HeadersTooLarge,
    InvalidInput,
    RequestTimeout,
    StoreUnavailable,
    UriTooLong,
)
_IDS_IN_RULE = re.compile(r"<(?:id|uuid):(\w+)_id>")
SECURITY_SCHEMES = {TokenKind.ACCESS: "bearerAuth", TokenKind.REFRESH: "refreshAuth"}


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # the library is untyped
    """A feature's operations."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, *, url_prefix: str = API_PREFIX, description: str) -> None:
        super().__init__(name, name, url_prefix=url_prefix, description=description)
        self._prepare_doc_cbks.append(describe_operation)

    def route(self, rule: str, **options: Any) -> Callable[[type[MethodView]], type[MethodView]]:
        """Serve a resource under a path; the document describes the ids in it."""
        parameters = [
            {
                "name": f"{name}_id",
                "in": "path",
                "required": True,
                "description": f"The {name}'s id.",
            }
            for name in _IDS_IN_RULE.findall(rule)
        ]
        decorate: Callable[[type[MethodView]], type[MethodView]] = super().route(
            rule, parameters=parameters, **options
        )

        def record_and_decorate(resource: type[MethodView]) -> type[MethodView]:
            if parameters:
                for method in resource.methods or ():
                    record_problems(getattr(resource, method.lower()), PathNotFound)
            return decorate(resource)

        return record_and_decorate

    def limit(self, operation: LimitedOperation) -> Callable[[F], F]:
        """Limit how often a client address may ask; `web.limits` counts before all else."""

        def decorate(function: F) -> F:
            record_limit(function, operation)
            record_problems(function, TooManyRequests, StoreUnavailable)
            return function

        return decorate

    def auth(
        self,
        *,
        rule: Rule = ANY_USER,
        token: TokenKind = TokenKind.ACCESS,
    ) -> Callable[[Callable[Concatenate[S, Principal, P], R]], Callable[Concatenate[S, P], R]]:
        """Let in callers with a valid token; the method gets the principal.

        A rule about roles is applied at once. Where the owner counts the service applies it.
        """

        def decorate(
            function: Callable[Concatenate[S, Principal, P], R],
        ) -> Callable[Concatenate[S, P], R]:
            @wraps(function)
            def authenticated(resource: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
                principal = provided(Authenticator).authenticate(
                    request.headers.get("Authorization"), token
                )
                if isinstance(rule, Requires):
                    rule.ensure(principal)
                return function(resource, principal, *args, **kwargs)

            record_problems(authenticated, TokenMissing, TokenInvalid, TokenExpired, SessionEnded)
            if rule != ANY_USER:
                record_problems(authenticated, NotAllowed)
            record_security(authenticated, SECURITY_SCHEMES[token])
            record_access(authenticated, rule)
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
                _refuse_other_parameters()
                return function(*args, **kwargs)

            decorated: F = decorate(checked)
            record_problems(decorated, *_PROBLEMS_OF_ALL)
            return decorated

        return decorate_and_record

    def etag(self, function: F) -> F:
        """Answer with the `ETag` of the result, and 304 to who has it already."""

        @wraps(function)
        def tagged(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            entity, headers = result if isinstance(result, tuple) else (result, {})
            tag = etag_of(entity)
            return not_modified(tag) or (entity, {**headers, "ETag": f'"{tag}"'})

        record_trait(tagged, Trait.TAGGED)
        return cast("F", tagged)

    def cacheable(self, function: F) -> F:
        """Let anybody keep the result for its `max_age`, and answer 304 to who has it already."""

        @wraps(function)
        def cached(*args: Any, **kwargs: Any) -> Any:
            result: Cacheable = function(*args, **kwargs)
            headers = {"Cache-Control": f"public, max-age={result.max_age}"}
            answer = not_modified(result.tag)
            if answer is not None:
                answer.headers.update(headers)
                return answer
            return result, {**headers, "ETag": f'"{result.tag}"'}

        record_trait(cached, Trait.TAGGED)
        record_trait(cached, Trait.CACHEABLE)
        return cast("F", cached)

    def if_match(self, function: F) -> F:
        """Read `If-Match`; the method gets the accepted `versions` by name, None for any."""

        @wraps(function)
        def conditional(*args: Any, **kwargs: Any) -> Any:
            (entity_id,) = (request.view_args or {}).values()
            return function(*args, **kwargs, versions=accepted_versions(entity_id))

        record_problems(conditional, StaleVersion)
        record_trait(conditional, Trait.IF_MATCH)
        return cast("F", conditional)

    def idempotent(self, function: F) -> F:
        """Perform a request with an `Idempotency-Key` once, and answer it as often as it comes."""

        @wraps(function)
        def once(*args: Any, **kwargs: Any) -> Any:
            _refuse_other_parameters()
            key = idempotency_key()
            if key is None:
                return function(*args, **kwargs)
            principal = next((it for it in args if isinstance(it, Principal)), None)
            perform = partial(function, *args, **kwargs)
            return provided(IdempotentRequests).answer(key, principal, perform)

        record_problems(once, IdempotencyKeyInUse, IdempotencyKeyReused)
        record_trait(once, Trait.IDEMPOTENT)
        return cast("F", once)

    def links(self, *links: Link) -> Callable[[F], F]:
        """Tell which operations the answer leads to."""

        def decorate(function: F) -> F:
            record_links(function, links)
            return function

        return decorate

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


def _refuse_other_parameters() -> None:
    facts = current_facts()
    if facts is None or not takes_query(facts):
        refuse_query_parameters()
