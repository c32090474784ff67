"""Users, written row by row as `reading` reads them: the same users are the same bytes."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from json.encoder import encode_basestring

from userapi.imports.cells import escaped_cell
from userapi.imports.records import FIELDS, ImportFormat

Texts = tuple[str | None, ...]
"""A user as texts, in the order of `FIELDS`; without the last one where no hashes are told."""

_BARE = {"id", "is_active"}  # what JSON writes without quotes
_PIECE = 64 * 1024


def written(
    rows: Iterable[Texts], form: ImportFormat, *, with_hashes: bool, with_header: bool = True
) -> Iterator[str]:
    """Yield what a file has of these users, in pieces of some size; only CSV has a header."""
    names = FIELDS if with_hashes else FIELDS[:-1]
    if form is ImportFormat.CSV:
        lines = _csv_lines(rows, names if with_header else ())
    else:
        lines = _json_lines(rows, names)
    pieces: list[str] = []
    size = 0
    for line in lines:
        pieces.append(line)
        size += len(line)
        if size >= _PIECE:
            yield "".join(pieces)
            pieces, size = [], 0
    yield "".join(pieces)


def _json_lines(rows: Iterable[Texts], names: tuple[str, ...]) -> Iterator[str]:
    # Where each value goes is known before: a million lines are not worth as many dictionaries.
    template = "{" + ",".join(f'"{name}":%s' for name in names) + "}\n"
    encoders = [_bare if name in _BARE else _quoted for name in names]
    for row in rows:
        yield template % tuple(encode(value) for encode, value in zip(encoders, row, strict=True))


def _quoted(value: str | None) -> str:
    return "null" if value is None else str(encode_basestring(value))


def _bare(value: str | None) -> str:
    return str(value)


def _csv_lines(rows: Iterable[Texts], names: tuple[str, ...]) -> Iterator[str]:
    line = io.StringIO()
    write: Callable[[Iterable[str]], object] = csv.writer(line, lineterminator="\r\n").writerow
    if names:
        write(names)
    for row in rows:
        write("" if value is None else escaped_cell(value) for value in row)
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()
