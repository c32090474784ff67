"""Files of users, read row by row: NDJSON and CSV (RFC 4180), of any length, few bytes at a time.

A row that cannot be read is refused by its number, and reading goes on with the next one. In NDJSON
that is the line's number; in CSV the header has none, and a row may have several lines.
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
from userapi.kit.text import printable

MAX_LINE = 16 * 1024
"""How many bytes a line has at most: all fields of a user take less, however they are written."""

KNOWN = frozenset((*FIELDS, SALT))
REQUIRED = ("email", "first_name", "last_name")
_NAMED_COLUMNS = 10
_DIGITS = re.compile(r"[0-9]{1,19}", re.ASCII)
_BOM = b"\xef\xbb\xbf"
_TRUTHS = {"true": True, "1": True, "false": False, "0": False}


class Source:
    """A file of users; `bytes_read` and `digest` tell of what was read of it."""

    def __init__(self, stream: BinaryIO, form: ImportFormat) -> None:
        self._stream = stream
        self._form = form
        self._hash = sha256()
        self.bytes_read = 0

    def digest(self) -> str:
        """Return the SHA-256 of what was read."""
        return self._hash.hexdigest()

    def entries(self) -> Iterator[Entry]:
        """Yield the rows; raise `SourceRefused` where the header of CSV is none."""
        return self._ndjson() if self._form is ImportFormat.NDJSON else self._csv()

    def _ndjson(self) -> Iterator[Entry]:
        for number, line in enumerate(self._lines(), 1):
            if line is None:
                yield _refused(number, "length", f"A line has at most {MAX_LINE} bytes.")
            elif line.strip():
                yield _entry_of_json(number, line)

    def _csv(self) -> Iterator[Entry]:
        reader = csv.reader(self._texts(), strict=True)
        try:
            header = next(reader, [])
        except csv.Error as error:
            message = f"the header is no CSV: {error}"
            raise SourceRefused(message) from error
        _check_header(header)
        number = 0
        while True:
            try:
                cells = next(reader, None)
            except csv.Error:
                number += 1
                yield _refused(number, "csv", "This is no row of CSV.")
                continue
            if cells is None:
                return
            number += 1
            if cells:
                yield _entry_of_cells(number, header, cells)

    def _texts(self) -> Iterator[str]:
        """Yield the lines as text; what is no UTF-8 becomes lone surrogates, which no field has."""
        for line in self._lines():
            # No cell holds a NUL: neither does any field.
            yield "\0" if line is None else line.decode("utf-8", "surrogateescape")

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
        line = self._stream.readline(MAX_LINE + 1)
        self._hash.update(line)
        is_first = not self.bytes_read
        self.bytes_read += len(line)
        return line.removeprefix(_BOM) if is_first else line


def _entry_of_json(number: int, line: bytes) -> Entry:
    try:
        values = orjson.loads(line)
    except ValueError:
        return _refused(number, "json", "This is no JSON.")
    if not isinstance(values, dict):
        return _refused(number, "type", "This must be a JSON object.")
    return Entry(number, values)


def _entry_of_cells(number: int, header: list[str], cells: list[str]) -> Entry:
    if len(cells) != len(header):
        return _refused(number, "cells", f"A row has {len(header)} cells, as the header has.")
    values: dict[str, object] = {
        name: cell_text(cell) for name, cell in zip(header, cells, strict=True) if cell
    }
    if "is_active" in values:
        values["is_active"] = _TRUTHS.get(str(values["is_active"]).lower(), values["is_active"])
    if _DIGITS.fullmatch(str(values.get("id", ""))):
        values["id"] = int(str(values["id"]))
    return Entry(number, values)


def _check_header(header: list[str]) -> None:
    unknown = [printable(name, 40) for name in header if name not in KNOWN][:_NAMED_COLUMNS]
    missing = [name for name in REQUIRED if name not in header]
    if unknown:
        message = f"unknown columns: {', '.join(unknown)}; there are: {', '.join(FIELDS)}"
    elif missing:
        message = f"missing columns: {', '.join(missing)}"
    elif len({*header}) < len(header):
        message = "a column is there twice"
    else:
        return
    raise SourceRefused(message)


def _refused(number: int, code: str, detail: str) -> Entry:
    return Entry(number, {}, Refusal(number, None, code, detail))
