"""Who and what gets in, before an operation runs: its caller, and then its query parameters."""

from collections.abc import Iterable

from flask import Flask, g, request

from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.permissions import Requires
from userapi.kit.principal import Principal
from userapi.kit.text import printable
from userapi.web.authentication import Authenticator, SecurityScheme
from userapi.web.operation import Operation, current_operation
from userapi.web.parser import MAX_REPORTED_ERRORS
from userapi.web.services import provided


def init_admission(app: Flask) -> None:
    """Admit requests to the operations of `app` by what their decorators recorded."""
    app.before_request(_admit)


def admitted_principal() -> Principal:
    """Return who asks for the current operation, which takes credentials."""
    principal: Principal = g.principal
    return principal


def _admit() -> None:
    operation = current_operation()
    if operation is None:
        return
    if operation.security:
        g.principal = _authenticate(operation.security)
        # Where the owner counts, too, the service applies the rule.
        if isinstance(operation.access, Requires):
            operation.access.ensure(g.principal)
    _refuse_undeclared_query(operation)


def _authenticate(credentials: Iterable[SecurityScheme]) -> Principal:
    names = [credential.name for credential in credentials]
    return provided(Authenticator).authenticate(request.headers.get("Authorization"), names)


def _refuse_undeclared_query(operation: Operation) -> None:
    if request.args and not operation.takes_query:
        raise InvalidInput(
            [
                FieldError("unknown", "There is no such parameter.", parameter=printable(name))
                for name in list(request.args)[:MAX_REPORTED_ERRORS]
            ]
        )
