"""Files of users, read row by row: NDJSON and CSV (RFC 4180), of any length, few bytes at a time.

A row that cannot be read is refused by its number, and reading goes on with the next one. In NDJSON
that is the line's number; in CSV the header has none, and a row is a line, too: no field of a user
has line breaks, and a quote that is not closed takes no other rows along.
"""

import csv
import re
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO

import orjson

from userapi.imports.cells import cell_text
from userapi.imports.errors import SourceRefused
from userapi.imports.records import FIELDS, SALT, Entry, ImportFormat, Refusal

MAX_LINE = 16 * 1024
"""How many bytes a line has at most: all fields of a user take less, however they are written."""

KNOWN = frozenset((*FIELDS, SALT))
REQUIRED = ("email", "first_name", "last_name")
_NAMED_COLUMNS = 3
_COLUMN = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,39}", re.ASCII)
_TOO_LONG = f"A line has at most {MAX_LINE} bytes."
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_BOM = b"\xef\xbb\xbf"
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Source:
    """A file of users; `bytes_read` and `digest` tell of what was read of it."""

    def __init__(self, stream: BinaryIO, form: ImportFormat) -> None:
        self._stream = stream
        self._form = form
        self._hash = sha256()
        self._blank_lines = 0
        self.bytes_read = 0

    def digest(self) -> str:
        """Return the SHA-256 of what was read, until the last line that is not blank."""
        return self._hash.hexdigest()

    def entries(self) -> Iterator[Entry]:
        """Yield the rows; raise `SourceRefused` where the header of CSV is none."""
        return self._ndjson() if self._form is ImportFormat.NDJSON else self._csv()

    def _ndjson(self) -> Iterator[Entry]:
        for number, line in enumerate(self._lines(), 1):
            if line is None:
                yield _refused(number, "length", _TOO_LONG)
            elif line.strip():
                yield _entry_of_json(number, line)

    def _csv(self) -> Iterator[Entry]:
        lines = self._lines()
        header = _header_of(next(lines, b""))
        for number, line in enumerate(lines, 1):
            if line is None:
                yield _refused(number, "length", _TOO_LONG)
            elif line.strip():
                yield _entry_of_line(number, header, line)

    def _lines(self) -> Iterator[bytes | None]:
        """Yield the lines; None for one that is too long."""
        while line := self._read():
            if len(line) <= MAX_LINE or line.endswith(b"\n"):
                yield line
                continue
            while line and not line.endswith(b"\n"):
                line = self._read()
            yield None

    def _read(self) -> bytes:
        # As much longer as the mark at the beginning of the file, which is not the line's.
        is_first = not self.bytes_read
        line = self._stream.readline(MAX_LINE + 1 + (len(_BOM) if is_first else 0))
        if line.isspace():
            self._blank_lines += 1  # they count where a row follows
        elif line:
            self._hash_blank_lines()
            self._hash.update(line)
        self.bytes_read += len(line)
        return line.removeprefix(_BOM) if is_first else line

    def _hash_blank_lines(self) -> None:
        while self._blank_lines:
            some = min(self._blank_lines, MAX_LINE)
            self._hash.update(b"\n" * some)
            self._blank_lines -= some


def _entry_of_json(number: int, line: bytes) -> Entry:
    try:
        values = orjson.loads(line)
    except ValueError:
        return _unreadable(number, line) or _refused(number, "json", "This is not JSON.")
    if not isinstance(values, dict):
        return _refused(number, "type", "This must be a JSON object.")
    return Entry(number, values)


def _entry_of_line(number: int, header: list[str], line: bytes) -> Entry:
    try:
        cells = _cells_of(line)
    except ValueError:
        return _unreadable(number, line) or _refused(number, "csv", "This is not a row of CSV.")
    if len(cells) != len(header):
        detail = f"This row has {len(cells)} cells, the header {len(header)}."
        return _refused(number, "cells", detail)
    values: dict[str, object] = {
        name: cell_text(cell) for name, cell in zip(header, cells, strict=True) if cell
    }
    if "is_active" in values:
        values["is_active"] = _TRUTHS.get(str(values["is_active"]).lower(), values["is_active"])
    if _DIGITS.fullmatch(str(values.get("id", ""))):
        values["id"] = int(str(values["id"]))
    return Entry(number, values)


def _cells_of(line: bytes) -> list[str]:
    """Return the cells of a line; raise `ValueError` where it is no UTF-8, or no row."""
    try:
        return next(csv.reader((line.decode(),), strict=True))
    except csv.Error as error:
        raise ValueError(str(error)) from error


def _unreadable(number: int, line: bytes) -> Entry | None:
    """Return the refusal of a line that is no UTF-8, None for any other."""
    try:
        line.decode()
    except UnicodeDecodeError:
        return _refused(number, "encoding", "This is not UTF-8: save the file in that encoding.")
    return None


def _header_of(line: bytes | None) -> list[str]:
    """Return the names of the columns; raise `SourceRefused` where they are none.

    Nothing is repeated that does not look like the name of a column: a file without a header begins
    with a person.
    """
    try:
        header = _cells_of(line or b"")
    except ValueError:
        message = "the header is not CSV in UTF-8"
        raise SourceRefused(message) from None
    unknown = [name for name in header if name not in KNOWN]
    named = [name for name in unknown if _COLUMN.fullmatch(name)]
    missing = [name for name in REQUIRED if name not in header]
    if len(named) < len(unknown) or header == []:
        message = "the first line must name the columns, with commas between them"
    elif unknown or missing:
        message = "; ".join(
            f"{kind} columns: {_some_of(names)}"
            for kind, names in (("unknown", unknown), ("missing", missing))
            if names
        )
    elif len({*header}) < len(header):
        message = "a column is there twice"
    else:
        return header
    raise SourceRefused(message)


def _some_of(names: list[str]) -> str:
    others = len(names) - _NAMED_COLUMNS
    return f"{', '.join(names[:_NAMED_COLUMNS])}{f' and {others} more' if others > 0 else ''}"


def _refused(number: int, code: str, detail: str) -> Entry:
    return Entry(number, {}, Refusal(number, None, code, detail))
