"""Facts that a concern adds to every operation of an application, without a decorator of theirs."""

from collections.abc import Callable

from flask import Flask

from userapi.web.operation import Operation

FactsOf = Callable[[Operation], Operation]
"""Returns what comes with an operation besides what its decorators recorded."""

_EXTENSION = "userapi_common_facts"


def add_common_facts(app: Flask, facts_of: FactsOf) -> None:
    """Add facts to every operation of `app`; call it before the document is made."""
    app.extensions.setdefault(_EXTENSION, []).append(facts_of)


def with_common_facts(app: Flask, operation: Operation) -> Operation:
    """Return an operation with all that was added to every operation of `app`."""
    added: list[FactsOf] = app.extensions.get(_EXTENSION, [])
    for facts_of in added:
        operation = operation.merged_with(facts_of(operation))
    return operation
