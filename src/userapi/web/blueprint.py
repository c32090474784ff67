"""The typed blueprint: one stack of decorators is an operation's contract.

    @blp.auth(rule=EDITING)
    @blp.arguments(UserUpdateSchema)
    @blp.if_match("user_id")
    @blp.response(200, UserSchema)
    @blp.etag
    @blp.raises(UserNotFound)
    @blp.doc(operationId="update_user")
    def patch(self, principal, changes, user_id, versions): ...

flask-smorest has no types; they are given to its decorators here, and only here.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import flask_smorest
from apispec import APISpec
from flask import Flask, Response
from flask.views import MethodView

from userapi.kit.cursor import AnySort
from userapi.kit.errors import (
    DomainError,
    InvalidInput,
    NotAllowed,
    SessionEnded,
    StoreUnavailable,
    TokenExpired,
    TokenInvalid,
    TokenMissing,
)
from userapi.kit.permissions import ANY_USER, Rule
from userapi.kit.principal import Principal
from userapi.web import conditional, uploads
from userapi.web.admission import compile_operations, with_principal
from userapi.web.authentication import ACCESS_TOKEN, SecurityScheme
from userapi.web.errors import (
    BodyTooLarge,
    HeadersTooLarge,
    MalformedBody,
    PathNotFound,
    RequestTimeout,
    ServerBusy,
    UnsupportedCoding,
    UnsupportedMediaType,
    UriTooLong,
)
from userapi.web.input import InputSchema, StrictParser
from userapi.web.operation import Link, Operation, Route, record, recording, routes_of
from userapi.web.operation_docs import describe_operation, parameters_in
from userapi.web.output import OutputSchema
from userapi.web.responses import (
    KEYSET_PAGED,
    LOCATED,
    PAGED,
    Headers,
    accepting,
    keyset_links,
    location_of,
    page_links,
    with_headers,
)
from userapi.web.schemas import keyset_page_schema, page_schema
from userapi.web.traits import Trait

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
    ServerBusy,
    StoreUnavailable,
    UriTooLong,
)
_PROBLEMS_OF_CREDENTIALS = (TokenMissing, TokenInvalid, TokenExpired, SessionEnded)


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc] # the library is untyped
    """A feature's operations."""

    ARGUMENTS_PARSER = StrictParser()

    etag = staticmethod(conditional.etag)
    cacheable = staticmethod(conditional.cacheable)
    if_match = staticmethod(conditional.if_match)
    upload = staticmethod(uploads.upload)

    def __init__(self, name: str, *, url_prefix: str = API_PREFIX, description: str) -> None:
        super().__init__(name, name, url_prefix=url_prefix, description=description)
        self.operations: list[Operation] = []
        self.routes: list[Route] = []
        self._prepare_doc_cbks.append(describe_operation)

    def register_views_in_doc(self, api: Any, app: Flask, spec: APISpec, **options: Any) -> None:
        """Leave the operations to whoever reads the document of `api` first."""
        describe = super().register_views_in_doc
        api.describe_later(partial(describe, api, app, spec, **options))

    def route(self, rule: str, **options: Any) -> Callable[[type[MethodView]], type[MethodView]]:
        """Serve a resource under a path; the document describes the ids in it."""
        parameters = parameters_in(rule)
        decorate: Callable[[type[MethodView]], type[MethodView]] = super().route(
            rule, parameters=parameters, **options
        )

        def record_and_decorate(resource: type[MethodView]) -> type[MethodView]:
            if parameters:
                for method in resource.methods or ():
                    record(getattr(resource, method.lower()), Operation(problems=(PathNotFound,)))
            self.operations.extend(compile_operations(resource).values())
            self.routes.extend(routes_of(resource, f"{self.url_prefix}{rule}"))
            return decorate(resource)

        return record_and_decorate

    def auth(
        self,
        *,
        rule: Rule = ANY_USER,
        credentials: tuple[SecurityScheme, ...] = (ACCESS_TOKEN,),
    ) -> Callable[[Callable[Concatenate[S, Principal, P], R]], Callable[Concatenate[S, P], R]]:
        """Let in callers with one of these credentials; the method gets the principal.

        `web.admission` applies a rule about roles at once. Where the owner counts, too, the
        service applies it.
        """

        def decorate(
            function: Callable[Concatenate[S, Principal, P], R],
        ) -> Callable[Concatenate[S, P], R]:
            refusals = () if rule == ANY_USER else (NotAllowed,)
            problems = (*_PROBLEMS_OF_CREDENTIALS, *refusals)
            operation = Operation(problems=problems, security=credentials, access=rule)
            authenticated = with_principal(function)
            record(authenticated, operation)
            return authenticated

        return decorate

    def arguments(self, schema: type[InputSchema], *, location: str = "json") -> Callable[[F], F]:
        """Validate the body or the query; the method gets what the schema makes of it."""
        decorate = super().arguments(schema, location=location, example=schema.example)
        is_body = location == "json"
        problems = (MalformedBody, UnsupportedCoding, UnsupportedMediaType) if is_body else ()

        def decorate_and_record(function: F) -> F:
            decorated: F = decorate(function)
            record(decorated, Operation(problems=problems, takes_query=not is_body))
            return decorated

        return decorate_and_record

    def response(
        self, status_code: int, schema: type[OutputSchema] | None = None
    ) -> Callable[[F], F]:
        """Answer with that status and the result, shaped by `schema`."""
        example = None if schema is None else schema.example
        decorate = super().response(status_code, schema, example=example)

        def decorate_and_record(function: F) -> F:
            decorated: F = decorate(function)
            record(decorated, Operation(problems=_PROBLEMS_OF_ALL))
            return decorated

        return decorate_and_record

    def created(self, schema: type[OutputSchema], *, location: str) -> Callable[[F], F]:
        """Answer 201 with the new entity and its `Location`.

        That is under the blueprint's prefix; `{id}` stands for the entity's id.
        """
        template = f"{self.url_prefix}{location}"
        return self._response_with(
            lambda entity: location_of(entity, template), LOCATED, self.response(201, schema)
        )

    def or_accepted(self, schema: type[OutputSchema], kind: type) -> Callable[[F], F]:
        """Answer 202, shaped by `schema`, where the result is of that kind; else as told above."""
        document = super().alt_response(202, schema=schema, example=schema.example)

        def decorate(function: F) -> F:
            return cast("F", document(accepting(function, schema, kind)))

        return decorate

    def page(self, schema: type[OutputSchema], sort: AnySort, name: str = "") -> Callable[[F], F]:
        """Answer with a page of such items, in that order, and its `Link`s; `name` it."""
        envelope = page_schema(schema, sort, name)
        return self._response_with(page_links, PAGED, self.response(200, envelope))

    def keyset_page(self, schema: type[OutputSchema], sort: AnySort) -> Callable[[F], F]:
        """Answer with a part of a list of such items, in that order, and the `Link` to the next."""
        envelope = keyset_page_schema(schema, sort)
        return self._response_with(keyset_links, KEYSET_PAGED, self.response(200, envelope))

    def _response_with(
        self, headers_of: Callable[[Any], Headers], trait: Trait, respond: Callable[[F], F]
    ) -> Callable[[F], F]:
        """Answer as `respond` does, with the headers that belong to the result."""

        def decorate(function: F) -> F:
            @wraps(function)
            def with_more_headers(*args: Any, **kwargs: Any) -> Any:
                result, headers = with_headers(function(*args, **kwargs))
                if isinstance(result, Response):
                    return result
                return result, {**headers, **headers_of(result)}

            record(with_more_headers, Operation(traits=(trait,)))
            return respond(cast("F", with_more_headers))

        return decorate

    def links(self, *links: Link) -> Callable[[F], F]:
        """Tell which operations the answer leads to."""
        return recording(Operation(links=links))

    def raises(self, *errors: type[DomainError]) -> Callable[[F], F]:
        """Declare what else the operation may answer with."""
        return recording(Operation(problems=errors))

    def touches_nothing(self, function: F) -> F:
        """Declare that the operation waits for nothing; it is answered while all others wait."""
        return recording(Operation(touches_nothing=True))(function)

    def for_operators(self, function: F) -> F:
        """Declare that operators ask, one at a time, and must be answered while all others wait."""
        return recording(Operation(for_operators=True))(function)

    def doc(self, **facts: Any) -> Callable[[F], F]:
        """Add to the operation's document as it is, for example its `operationId`."""
        decorate: Callable[[F], F] = super().doc(**facts)
        return decorate


def operations_of(blueprints: Iterable[Blueprint]) -> Iterator[Operation]:
    """Yield the operations of all these blueprints."""
    for blueprint in blueprints:
        yield from blueprint.operations
