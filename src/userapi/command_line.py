"""How commands are run, and how one fails: with one clear line, and a status that is not zero."""

import re
import sys
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from sqlalchemy.exc import SQLAlchemyError

from userapi.db.mends import mend_of
from userapi.db.migrations import SchemaBehind
from userapi.kit.errors import DomainError, InvalidInput, OperatorError, summary_of

P = ParamSpec("P")
R = TypeVar("R")

_SCHEMA_BEHIND = re.compile(
    r"no such (table|column)|(relation|column) .* does not exist|is not up to date"
)


class CommandWithoutInstance(click.Command):
    """A command that needs no instance: no secrets, database or folder are made for it."""


class CommandOnAnySettings(CommandWithoutInstance):
    """A command that runs on settings that are not valid too: defaults stand in for what is not."""


def with_error_handling(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what may be expected to go wrong into a message for the operator."""

    @wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except Exception as error:
            message = message_of(error)
            if message is None:
                raise
            raise click.ClickException(message) from error

    return command


def message_of(error: Exception) -> str | None:
    """Return what an error tells the operator; None for one that nobody has expected."""
    if isinstance(error, InvalidInput):
        return " ".join(one.detail for one in error.errors)
    if isinstance(error, _expected()):
        return _in_our_words(str(error))
    if isinstance(error, SQLAlchemyError):
        return _in_our_words(f"the database: {summary_of(error)}")
    return None


def ask_for_password(name: str) -> str:
    """Return a password: a line of standard input, or what is typed twice on a terminal."""
    if sys.stdin.isatty():
        typed: str = click.prompt(name, hide_input=True, confirmation_prompt=True)
        return typed
    line = sys.stdin.readline()
    if not line:
        message = "no password: standard input has no line for it"
        raise click.ClickException(message)
    return line.rstrip("\r\n")


def confirm(question: str) -> None:
    """Ask whether to go on; raise `click.ClickException` unless the answer is yes."""
    message = "nothing was changed"
    try:
        if click.confirm(question):
            return
    except click.Abort:
        message += "; where nobody can answer, add --yes"
    raise click.ClickException(message)


def _expected() -> tuple[type[Exception], ...]:
    """Return the errors that have a message for the operator."""
    # What was not loaded has raised nothing; loading it would take a sixteenth of a second.
    alembic = sys.modules.get("alembic.util")
    return (DomainError, OperatorError, *((alembic.CommandError,) if alembic else ()))


def _in_our_words(message: str) -> str:
    """Say what to do about a schema or a database, in whosever words that is told."""
    if _SCHEMA_BEHIND.search(message):
        return SchemaBehind.message
    mend = mend_of(message)
    return f"{message}; {mend}" if mend else message
