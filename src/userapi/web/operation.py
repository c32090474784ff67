"""What the decorators recorded about an operation.

Like flask-smorest's own decorators, ours record facts on the function once; the document, the
checks and the tests read them from there.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, TypeVar

from flask.views import MethodView

from userapi.kit.errors import DomainError
from userapi.kit.permissions import Rule
from userapi.web.authentication import SecurityScheme
from userapi.web.traits import Trait

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T", bound=Trait)

_FACTS = "_apidoc"  # flask-smorest's place for them, which it hands to the document
_OPERATION = "userapi"
BODY_OF_LINK = "x-request-body"
"""The extension of a link that tells where the fields of a body are found."""


@dataclass(frozen=True, slots=True)
class Link:
    """An operation that an answer leads to.

    `parameters` and `body` say where its values are found, in OpenAPI's runtime expressions. The
    document tells those of a body in an extension: OpenAPI allows an object of expressions there,
    but generators that read the document strictly take nothing but a single expression.
    """

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)

    def as_document(self) -> dict[str, Any]:
        """Return the link as OpenAPI writes it."""
        found = {"parameters": dict(self.parameters), BODY_OF_LINK: dict(self.body)}
        return {
            "operationId": self.operation,
            **{name: value for name, value in found.items() if value},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """The facts about an operation.

    `problems` are the errors that it may answer with, `security` the credentials it takes, any
    one of them (none: anybody may call it), `access` who may call it, `links` where its answer
    leads, and `traits` what it does with headers. It `touches_nothing` when it waits for nothing,
    and is `for_operators` when they must be answered while all others wait. Its `operation_id` is
    known once all its decorators have recorded.
    """

    problems: tuple[type[DomainError], ...] = ()
    security: tuple[SecurityScheme, ...] = ()
    access: Rule | None = None
    links: tuple[Link, ...] = ()
    traits: tuple[Trait, ...] = ()
    takes_query: bool = False
    touches_nothing: bool = False
    for_operators: bool = False
    operation_id: str | None = None

    def merged_with(self, other: "Operation") -> "Operation":
        """Return the facts of both."""
        return Operation(
            problems=tuple(dict.fromkeys((*self.problems, *other.problems))),
            security=(*self.security, *other.security),
            access=other.access or self.access,
            links=(*self.links, *other.links),
            traits=(*self.traits, *other.traits),
            takes_query=self.takes_query or other.takes_query,
            touches_nothing=self.touches_nothing or other.touches_nothing,
            for_operators=self.for_operators or other.for_operators,
        )

    def find_trait(self, kind: type[T]) -> T | None:
        """Return the operation's trait of that class, if it has one."""
        return next((trait for trait in self.traits if isinstance(trait, kind)), None)


class Route(NamedTuple):
    """Where an operation is found."""

    method: str
    path: str
    operation: Operation


def record(function: Callable[..., Any], operation: Operation) -> None:
    """Add what `operation` tells to what was recorded on `function`."""
    # A copy: decorators share what functools.wraps has handed on.
    recorded = deepcopy(getattr(function, _FACTS, {}))
    recorded[_OPERATION] = operation_in(recorded).merged_with(operation)
    setattr(function, _FACTS, recorded)


def recording(operation: Operation) -> Callable[[F], F]:
    """Return a decorator that records `operation` on a function, and leaves it as it is."""

    def decorate(function: F) -> F:
        record(function, operation)
        return function

    return decorate


def operation_in(facts: Mapping[str, Any]) -> Operation:
    """Return the operation among the facts that flask-smorest hands to the document."""
    operation: Operation = facts.get(_OPERATION, Operation())
    return operation


def operation_of(function: Callable[..., Any]) -> Operation:
    """Return what was recorded on `function`, its id in the document among it."""
    recorded = getattr(function, _FACTS, {})
    return replace(operation_in(recorded), operation_id=_id_in(recorded))


def routes_of(resource: type[MethodView], path: str) -> Iterator[Route]:
    """Yield the routes of a resource that is served under `path`."""
    for method in sorted(resource.methods or ()):
        yield Route(method, path, operation_of(getattr(resource, method.lower())))


def paths_where(routes: Collection[Route], is_so: Callable[[Operation], bool]) -> set[str]:
    """Return the paths all of whose operations are so."""
    others = {route.path for route in routes if not is_so(route.operation)}
    return {route.path for route in routes} - others


def _id_in(facts: Mapping[str, Any]) -> str | None:
    operation_id: str | None = facts.get("manual_doc", {}).get("operationId")
    return operation_id
