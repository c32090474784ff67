"""Lines of a log that are what they seem: nothing that a client sends breaks or colours one.

A record is a line of text or an object of JSON, with the same facts: of which request it is, whose
that is, and of which trace. An `extra={FACTS: ...}` tells them of a record that is written outside
of its request: a mapping, or a function that returns one where somebody asks.
"""

import copy
import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from traceback import format_exception_only, format_tb
from typing import Any

import orjson

from userapi.kit.text import escaped

FACTS = "facts"
"""The attribute of a record that holds what it is about."""

_INDENT = "    "

Facts = Mapping[str, Any]
CurrentFacts = Callable[[], Facts]
"""Returns what is known of the request or the job at hand."""


class EscapingFormatter(logging.Formatter):
    """Writes a record as another formatter does, on one line.

    A traceback follows on lines of its own. They are indented, so that none can be taken for a
    record, and what each exception says is on one of them, however many lines it had.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, and those of the traceback."""
        if not (record.exc_info or record.exc_text or record.stack_info):
            return escaped(self._inner.format(record))
        bare = copy.copy(record)
        bare.exc_info = bare.exc_text = bare.stack_info = None
        lines = [self._inner.format(bare), *_lines_after(record)]
        return f"\n{_INDENT}".join(escaped(line) for line in lines)


class TextFormatter(EscapingFormatter):
    """Writes a record for people: the facts in brackets before what is said."""

    def __init__(self, current: CurrentFacts) -> None:
        super().__init__(_Line(current))


class _Line(logging.Formatter):
    """Writes the facts before what is said, which anybody could have made up."""

    def __init__(self, current: CurrentFacts) -> None:
        super().__init__()
        self._current = current

    def format(self, record: logging.LogRecord) -> str:
        head = f"{time_of(record)} {record.levelname} {record.name} {record.process}"
        given = record.__dict__.get(FACTS)
        if callable(given):  # it is said already
            return f"{head} {record.getMessage()}"
        facts = dict(self._current() if given is None else given)
        named = [facts.pop("request_id", "-"), *(f"{name}={facts[name]}" for name in facts)]
        return f"{head} [{' '.join(named)}] {record.getMessage()}"


class JSONFormatter(logging.Formatter):
    """Writes a record for programs: one object on one line, a traceback being one of its texts."""

    def __init__(self, current: CurrentFacts) -> None:
        super().__init__()
        self._current = current

    def format(self, record: logging.LogRecord) -> str:
        """Return the object."""
        given = record.__dict__.get(FACTS, self._current)
        fields = {
            "time": time_of(record),
            "level": record.levelname,
            "logger": record.name,
            "process": record.process,
            "message": record.getMessage(),
            **(given() if callable(given) else given),
        }
        if record.exc_info or record.stack_info:
            fields["traceback"] = "\n".join(_lines_after(record))
        return _as_json(fields)


def time_of(record: logging.LogRecord) -> str:
    """Return when a record was made, in UTC, as RFC 3339 has it."""
    return f"{_second(int(record.created))}.{int(record.msecs):03}Z"


@lru_cache(maxsize=2)
def _second(timestamp: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(timestamp))


def _as_json(fields: Facts) -> str:
    try:
        line = orjson.dumps(fields, default=str).decode()
    except TypeError:  # half of a character, or a number of more than 64 bits
        return json.dumps(fields, default=str)
    if line.isprintable():
        return line
    # What is not printable can only be inside of a text: there an escape means the same.
    return "".join(
        character if character.isprintable() else json.dumps(character)[1:-1] for character in line
    )


def _lines_after(record: logging.LogRecord) -> Iterator[str]:
    """Yield the lines of the traceback, and those of the stack."""
    if record.exc_info and record.exc_info[1] is not None:
        yield from _traceback(record.exc_info[1])
    yield from (record.stack_info or "").splitlines()


def _traceback(error: BaseException) -> Iterator[str]:
    """Yield the lines of the exceptions that led to `error`, the first one first."""
    chain = [error]
    while (cause := _cause_of(chain[-1])) is not None and cause not in chain:
        chain.append(cause)
    for cause in reversed(chain):
        yield from _lines_of(cause)


def _cause_of(error: BaseException) -> BaseException | None:
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _lines_of(error: BaseException) -> Iterator[str]:
    yield "Traceback (most recent call last):"
    for entry in format_tb(error.__traceback__):
        yield from entry.splitlines()
    yield "".join(format_exception_only(error)).rstrip("\n")
    if isinstance(error, BaseExceptionGroup):
        for part in error.exceptions:
            yield from _traceback(part)
