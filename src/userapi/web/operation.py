"""What the decorators recorded about the operation that the current request asks for.

Like flask-smorest's own decorators, ours record facts on the function (`_apidoc`) once;
the document, the checks and the tests read them from there.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from flask import current_app, request

from userapi.kit.errors import DomainError
from userapi.kit.limits import LimitedOperation
from userapi.kit.permissions import OwnerOr, Rule

Facts = dict[str, Any]
_FACTS = "_apidoc"  # flask-smorest's place for them
_PROBLEMS = "userapi_problems"
_SECURITY = "userapi_security"
_ACCESS = "userapi_access"
_TRAITS = "userapi_traits"
_LINKS = "userapi_links"
_LIMIT = "userapi_limit"


class Trait(StrEnum):
    """What an operation does with headers; the document tells it."""

    TAGGED = "tagged"
    CACHEABLE = "cacheable"
    IF_MATCH = "if-match"
    IDEMPOTENT = "idempotent"


@dataclass(frozen=True, slots=True)
class Link:
    """An operation that an answer leads to.

    `parameters` and `body` say where its values are found, in OpenAPI's runtime expressions.
    """

    operation: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, str] = field(default_factory=dict)

    def as_document(self) -> Facts:
        """Return the link as OpenAPI writes it."""
        found = {"parameters": dict(self.parameters), "requestBody": dict(self.body)}
        return {
            "operationId": self.operation,
            **{name: value for name, value in found.items() if value},
        }


def facts_of(function: Callable[..., Any]) -> Facts:
    """Return a copy of the facts that were recorded on `function`."""
    return deepcopy(getattr(function, _FACTS, {}))


def record_problems(function: Callable[..., Any], *errors: type[DomainError]) -> None:
    """Record that an operation may answer with `errors`."""
    _record(function, _PROBLEMS, [*facts_of(function).get(_PROBLEMS, []), *errors])


def record_security(function: Callable[..., Any], scheme: str) -> None:
    """Record the security scheme that an operation asks for."""
    _record(function, _SECURITY, scheme)


def record_access(function: Callable[..., Any], access: Rule) -> None:
    """Record who may call an operation."""
    _record(function, _ACCESS, access)


def record_trait(function: Callable[..., Any], trait: Trait) -> None:
    """Record something that an operation does."""
    _record(function, _TRAITS, [*facts_of(function).get(_TRAITS, []), trait])


def record_links(function: Callable[..., Any], links: Sequence[Link]) -> None:
    """Record the operations that an operation's answer leads to."""
    _record(function, _LINKS, [*links_in(facts_of(function)), *links])


def record_limit(function: Callable[..., Any], operation: LimitedOperation) -> None:
    """Record as what an operation is limited."""
    _record(function, _LIMIT, operation)


def _record(function: Callable[..., Any], name: str, fact: Any) -> None:
    # A copy: decorators share what functools.wraps has handed on.
    facts = {**facts_of(function), name: fact}
    setattr(function, _FACTS, facts)


def problems_in(facts: Facts) -> list[type[DomainError]]:
    """Return the errors that an operation declares, without repetitions."""
    return list(dict.fromkeys(facts.get(_PROBLEMS, [])))


def security_in(facts: Facts) -> list[dict[str, list[str]]]:
    """Return an operation's security requirements; none means that anybody may call it."""
    scheme = facts.get(_SECURITY)
    return [{scheme: []}] if scheme else []


def access_in(facts: Facts) -> Facts:
    """Return who may call an operation, as the document tells it; empty: anybody may."""
    access: Rule | None = facts.get(_ACCESS)
    if access is None:
        return {}
    owner = {"x-owner-exempt": True} if isinstance(access, OwnerOr) else {}
    return {"x-required-role": access.role.value, **owner}


def has_trait(facts: Facts, trait: Trait) -> bool:
    """Say whether an operation does that."""
    return trait in facts.get(_TRAITS, [])


def links_in(facts: Facts) -> list[Link]:
    """Return the operations that an operation's answer leads to."""
    return list(facts.get(_LINKS, []))


def limit_in(facts: Facts) -> LimitedOperation | None:
    """Return as what an operation is limited; None when it is not."""
    operation: LimitedOperation | None = facts.get(_LIMIT)
    return operation


def takes_query(facts: Facts) -> bool:
    """Say whether an operation declares query parameters."""
    declared = facts.get("arguments", {}).get("parameters", [])
    return any(parameter["in"] == "query" for parameter in declared)


def current_facts() -> Facts | None:
    """Return the facts of the operation that is asked for; None when it is not one of ours."""
    view = current_app.view_functions.get(request.endpoint or "")
    view_class = getattr(view, "view_class", None)
    method = "get" if request.method == "HEAD" else request.method.lower()
    function = getattr(view_class, method, None)
    return getattr(function, _FACTS, None)
