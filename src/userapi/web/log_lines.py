"""Lines of a log that are what they seem: nothing that a client sends breaks or colours one."""

import copy
import logging
from collections.abc import Iterator
from traceback import format_exception_only, format_tb

from userapi.kit.text import escaped

_INDENT = "    "


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
        lines = [self._inner.format(bare)]
        if record.exc_info and record.exc_info[1] is not None:
            lines += _traceback(record.exc_info[1])
        lines += (record.stack_info or "").splitlines()
        return f"\n{_INDENT}".join(escaped(line) for line in lines)


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
