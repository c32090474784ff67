"""What the decorators recorded about the operation that the current request asks for.

Like flask-smorest's own decorators, ours record facts on the function (`_apidoc`) once;
the document, the checks and the tests read them from there.
"""

from collections.abc import Callable
from copy import deepcopy
from typing import Any

from flask import current_app, request

from userapi.kit.errors import DomainError

Facts = dict[str, Any]
_FACTS = "_apidoc"  # flask-smorest's place for them
_PROBLEMS = "userapi_problems"
_SECURITY = "userapi_security"


def facts_of(function: Callable[..., Any]) -> Facts:
    """Return a copy of the facts that were recorded on `function`."""
    return deepcopy(getattr(function, _FACTS, {}))


def record_problems(function: Callable[..., Any], *errors: type[DomainError]) -> None:
    """Record that an operation may answer with `errors`."""
    _record(function, _PROBLEMS, [*facts_of(function).get(_PROBLEMS, []), *errors])


def record_security(function: Callable[..., Any], scheme: str) -> None:
    """Record the security scheme that an operation asks for."""
    _record(function, _SECURITY, scheme)


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
