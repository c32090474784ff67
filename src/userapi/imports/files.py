"""The files of the commands: their formats, reports of refused rows, Firebase's parameters."""

import json
import os
import stat
import sys
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import IO, BinaryIO, Self

import click

from userapi.imports.errors import SourceRefused
from userapi.imports.records import ImportFormat, Refusal
from userapi.imports.validation import FirebaseParameters
from userapi.kit.files import OWNERS_FILE
from userapi.kit.password_checks import ScryptCost
from userapi.kit.text import printable

_ENDINGS = {
    ".ndjson": ImportFormat.NDJSON,
    ".jsonl": ImportFormat.NDJSON,
    ".csv": ImportFormat.CSV,
}

_STANDARD = ("-", "<stdin>", "<stdout>")


def format_of(name: str, given: str | None) -> ImportFormat:
    """Return the format that was given, or that of the name; NDJSON on standard input and output.

    Raises `click.UsageError` where the name tells none.
    """
    if given is not None:
        return ImportFormat(given)
    if name in _STANDARD:
        return ImportFormat.NDJSON
    found = _ENDINGS.get(Path(name).suffix.lower())
    if found is None:
        message = f"the name {printable(name, 100)} tells no format: add --format ndjson or csv"
        raise click.UsageError(message)
    return found


@contextmanager
def private_file(name: str) -> Iterator[BinaryIO]:
    """Yield a file to write to that only its owner may read; `-` is standard output."""
    if name == "-":
        yield sys.stdout.buffer
        return
    try:
        descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, OWNERS_FILE)
    except OSError as error:
        raise _unwritable(name, error) from error
    if stat.S_ISREG(os.fstat(descriptor).st_mode):  # and no device
        os.fchmod(descriptor, OWNERS_FILE)
    with os.fdopen(descriptor, "wb") as file:
        yield file


def ensure_writable(path: Path) -> None:
    """Make the file that a report goes to, if there is none; raise `click.ClickException`."""
    try:
        path.touch(mode=OWNERS_FILE)
    except OSError as error:
        raise _unwritable(str(path), error) from error


def _unwritable(name: str, error: OSError) -> click.ClickException:
    return click.ClickException(f"{printable(name, 200)} cannot be written: {error.strerror}")


class Report:
    """Where refused rows are told, a line of JSON for each: a file, or standard error.

    Lines are written before it is known that their rows are read for good. A file therefore keeps
    only those up to the row `after` which an import goes on.
    """

    def __init__(self, path: Path | None, *, after: int = 0) -> None:
        self._path = path
        self._after = after
        self._file: IO[bytes] | None = None

    def __enter__(self) -> Self:
        """Open the file, behind the lines that stay."""
        if self._path is not None:
            self._path.touch(mode=OWNERS_FILE)
            # Unbuffered: what was told is in the file, whatever becomes of the process.
            self._file = self._path.open("r+b", buffering=0)
            self._file.seek(_size_until(self._path, self._after))
            self._file.truncate()
        return self

    def __exit__(
        self,
        error_type: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def add(self, refusals: Sequence[Refusal]) -> None:
        """Tell of rows."""
        told = "".join(
            f"{json.dumps(asdict(refusal), ensure_ascii=False)}\n" for refusal in refusals
        )
        if self._file is None:
            click.echo(told, err=True, nl=False)
        else:
            self._file.write(told.encode())


def firebase_parameters(document: bytes) -> FirebaseParameters:
    """Return what `firebase auth:export` needs besides, as its console shows it.

    Raises `SourceRefused`.
    """
    try:
        found = json.loads(document)
        return FirebaseParameters(
            signer_key=b64decode(found["base64_signer_key"], validate=True),
            salt_separator=b64decode(found["base64_salt_separator"], validate=True),
            cost=ScryptCost(2 ** min(int(found["mem_cost"]), 64), int(found["rounds"])),
        )
    except (ValueError, KeyError, TypeError) as error:
        reason = (
            "the parameters of Firebase are JSON with base64_signer_key, base64_salt_separator, "
            "rounds and mem_cost"
        )
        raise SourceRefused(reason) from error


def _size_until(path: Path, row: int) -> int:
    """Return how many bytes the lines of a report have that tell of rows until that one."""
    size = 0
    if row:
        with path.open("rb") as lines:
            for line in lines:
                try:
                    if json.loads(line)["row"] > row:
                        break
                except (ValueError, KeyError, TypeError):
                    break  # it was broken off
                size += len(line)
    return size
