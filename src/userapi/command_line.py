"""How a command fails: with one clear line, and a status that is not zero."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

import click
from alembic.util import CommandError
from sqlalchemy.exc import SQLAlchemyError

from userapi.kit.errors import DomainError, OperatorError

P = ParamSpec("P")
R = TypeVar("R")

_SCHEMA_BEHIND = re.compile(r"no such table|relation .* does not exist|is not up to date")


def with_error_handling(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what may be expected to go wrong into a message for the operator."""

    @wraps(function)
    def command(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (DomainError, OperatorError, CommandError) as error:
            raise click.ClickException(_with_hint(str(error))) from error
        except SQLAlchemyError as error:
            message = _with_hint(f"the database: {_first_line(error)}")
            raise click.ClickException(message) from error

    return command


def _with_hint(message: str) -> str:
    """Add what to do about a schema that is behind, in whosever words that is told."""
    if not _SCHEMA_BEHIND.search(message):
        return message
    return f"{message.removesuffix('.')}; run: userapi db upgrade"


def _first_line(error: SQLAlchemyError) -> str:
    cause = getattr(error, "orig", None) or error
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0]
