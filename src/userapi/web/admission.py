"""Who and what gets in before an operation runs: its caller, then its query parameters.

An operation's credentials and its rule decide about the caller, who is handed to the method.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flask import Flask, current_app, g, request
from flask.views import MethodView

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.permissions import Requires
from userapi.kit.principal import Principal
from userapi.kit.text import printable
from userapi.web.authentication import Authenticator, SecurityScheme
from userapi.web.input import MAX_REPORTED_ERRORS
from userapi.web.operation import Operation, operation_of, routes_of
from userapi.web.services import provided

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S")

OPERATION = "userapi.operation"
PRINCIPAL = "userapi.principal"
"""The names in the environment of what is asked for, and of who asks, once they are known."""

_OPERATIONS = "userapi_operations"
_AUTHENTICATION_HOOKS = "userapi_authentication_hooks"


def init_admission(app: Flask) -> None:
    """Admit requests to the operations of `app` by what their decorators recorded."""
    app.before_request(_admit)


def on_authentication(app: Flask, hook: Callable[[Operation, Principal], None]) -> None:
    """Call `hook` when a caller's credential was verified, before its rights are looked at."""
    app.extensions.setdefault(_AUTHENTICATION_HOOKS, []).append(hook)


def compile_operations(resource: type[MethodView]) -> Mapping[str, Operation]:
    """Keep on a resource, and return, what was recorded on its methods, by HTTP method."""
    operations = {
        method: operation_of(getattr(resource, method.lower())) for method in resource.methods or ()
    }
    setattr(resource, _OPERATIONS, operations)
    return operations


def routed_operations(app: Flask) -> Iterator[tuple[str, str, Operation]]:
    """Yield the operations of `app`, each with its method and its path."""
    for rule in app.url_map.iter_rules():
        view = app.view_functions[rule.endpoint]
        operations: Mapping[str, Operation] = getattr(
            getattr(view, "view_class", None), _OPERATIONS, {}
        )
        for method, operation in operations.items():
            yield method, rule.rule, operation


def operation_ids(app: Flask) -> dict[int, str]:
    """Return the operations' ids in the document, by the identity of what was recorded of them."""
    ids: dict[int, str] = {}
    for rule in app.url_map.iter_rules():
        resource = getattr(app.view_functions[rule.endpoint], "view_class", None)
        operations: Mapping[str, Operation] = getattr(resource, _OPERATIONS, {})
        if resource is not None:
            for method, _, operation in routes_of(resource, rule.rule):
                if operation.operation_id is not None and method in operations:
                    ids[id(operations[method])] = operation.operation_id
    return ids


def current_operation() -> Operation | None:
    """Return the operation that is asked for; None when it is not one of ours."""
    environ = request.environ
    if OPERATION not in environ:
        environ[OPERATION] = _find_operation()
    operation: Operation | None = environ[OPERATION]
    return operation


def _find_operation() -> Operation | None:
    view = current_app.view_functions.get(request.endpoint or "")
    operations: Mapping[str, Operation] = getattr(
        getattr(view, "view_class", None), _OPERATIONS, {}
    )
    return operations.get("GET" if request.method == "HEAD" else request.method)


def with_principal(
    function: Callable[Concatenate[S, Principal, P], R],
) -> Callable[Concatenate[S, P], R]:
    """Hand the admitted caller to a method of a resource."""

    @wraps(function)
    def authenticated(resource: S, /, *args: P.args, **kwargs: P.kwargs) -> R:
        return function(resource, g.principal, *args, **kwargs)

    return authenticated


def _admit() -> None:
    operation = current_operation()
    if operation is None:
        return
    if operation.security:
        g.principal = request.environ[PRINCIPAL] = _authenticate(operation.security)
        for hook in current_app.extensions.get(_AUTHENTICATION_HOOKS, ()):
            hook(operation, g.principal)
        # Where the owner counts, too, the service applies the rule.
        if isinstance(operation.access, Requires):
            operation.access.ensure(g.principal)
    _refuse_undeclared_query(operation)


def _authenticate(credentials: Iterable[SecurityScheme]) -> Principal:
    names = [credential.name for credential in credentials]
    return provided(Authenticator).authenticate(request.headers.get("Authorization"), names)


def _refuse_undeclared_query(operation: Operation) -> None:
    if operation.takes_query or not request.query_string:
        return
    if request.args:
        raise InvalidInput(
            [
                FieldError("unknown", "There is no such parameter.", parameter=printable(name))
                for name in list(request.args)[:MAX_REPORTED_ERRORS]
            ]
        )
