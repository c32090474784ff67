"""Copies of SQLite databases: made while others write, looked through, and put in their place.

A copy is one file without anything beside it. Only its owner may read it.
"""

import logging
import os
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from userapi.db.migration_limits import LOCK_SUFFIX
from userapi.kit.errors import OperatorError
from userapi.kit.files import OWNERS_FILE

_log = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""A function that is told how many pages are left, and how many there are."""

_PAGES = 1000
_OF_SQLITE = ("-wal", "-shm", "-journal")


class CopyRefused(OperatorError):
    """A database cannot be copied, or a copy cannot take its place; the message tells why."""

    message = "the database cannot be copied"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self._reason = reason

    def __str__(self) -> str:
        """Return why."""
        return self._reason


def back_up(database: Path, copy: Path, progress: Progress) -> None:
    """Write a whole copy to a file that is not there yet; raise `CopyRefused`.

    What is copied is the database at the beginning, whatever is written meanwhile. The file has
    its name once it is complete, on disk and looked through.
    """
    if copy.exists():
        raise _taken(copy)
    # A name of its own: another backup to the same file may be under way.
    part = copy.with_name(f"{copy.name}.{secrets.token_hex(4)}.part")
    copy_whole(database, part, progress)
    try:
        os.link(part, copy)  # unlike a move, it replaces nothing
    except FileExistsError:
        raise _taken(copy) from None
    except OSError as error:
        message = f"cannot name the copy {copy}: {error.strerror}"
        raise CopyRefused(message) from error
    finally:
        part.unlink()
    _flush(copy.parent)


def _taken(copy: Path) -> CopyRefused:
    return CopyRefused(f"{copy} is there already; name another file")


def copy_whole(database: Path, copy: Path, progress: Progress) -> None:
    """Write a copy that is whole, in the place of whatever is there; raise `CopyRefused`."""
    discard(copy)
    try:
        _copy_whole(database, copy, progress)
    except (OSError, sqlite3.Error) as error:
        discard(copy)
        message = f"cannot copy {database} to {copy}: {error}"
        raise CopyRefused(message) from error
    except BaseException:  # a keyboard's interrupt, too, leaves nothing half done
        discard(copy)
        raise


def _copy_whole(database: Path, copy: Path, progress: Progress) -> None:
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, OWNERS_FILE))
    with _opened(database, "ro") as source, _opened(copy, "rw") as target:
        # What it reads stays the same: with each foreign write it would begin anew.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(target, pages=_PAGES, progress=lambda _, left, all_: progress(left, all_))
        # Nothing is to lie beside the copy that could get lost.
        target.execute("PRAGMA journal_mode=DELETE")
        _ensure_whole(target, database)
    _flush(copy)


def discard(copy: Path) -> None:
    """Delete a copy, if it is there, and what others have laid beside it."""
    _remove_all(copy, ("", *_OF_SQLITE, LOCK_SUFFIX))


def _ensure_whole(copy: sqlite3.Connection, database: Path) -> None:
    problems = [row[0] for row in copy.execute("PRAGMA integrity_check(3)")]
    if problems != ["ok"]:
        message = f"{database} is damaged: {'; '.join(problems)}"
        raise CopyRefused(message)
    tables = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
    if "alembic_version" not in tables:
        message = f"{database} is no database of userapi"
        raise CopyRefused(message)


def ensure_replaceable(database: Path) -> None:
    """Raise `CopyRefused` where nothing can take the place of a database now."""
    if database.exists():
        _ensure_free(_old_name(database), database)
        with _undisturbed(database):
            pass


def join_beside(copy: Path) -> None:
    """Write into a copy what lies beside it since others have worked with it."""
    with _opened(copy, "rw") as connection:
        connection.execute("PRAGMA journal_mode=DELETE")
    _flush(copy)


def put_in_place(copy: Path, database: Path) -> Path | None:
    """Have a copy take the place of a database in one step; return where that is kept now.

    None where there was none. Raises `CopyRefused`, and changes nothing, while somebody has the
    database open or another one is kept there.
    """
    try:
        return _put_in_place(copy, database)
    except OSError as error:
        message = f"cannot exchange {database}: {error}"
        raise CopyRefused(message) from error


def _put_in_place(copy: Path, database: Path) -> Path | None:
    old = None
    if database.exists():
        old = _old_name(database)
        with _undisturbed(database):
            _keep(database, old)
            copy.replace(database)
    else:
        _remove_all(database, _OF_SQLITE)
        copy.replace(database)
    _flush(database.parent)
    return old


def _keep(database: Path, old: Path) -> None:
    """Give the database a second name; what a damaged one has beside it goes with it."""
    _ensure_free(old, database)
    if not old.exists():
        os.link(database, old)
    for name in _OF_SQLITE:
        if (beside := Path(f"{database}{name}")).exists():
            beside.replace(f"{old}{name}")


def _old_name(database: Path) -> Path:
    return database.with_name(f"{database.name}-before-restore")


def _ensure_free(old: Path, database: Path) -> None:
    # Both are one where a restore was broken off.
    if old.exists() and not old.samefile(database):
        message = f"{old} is kept from an earlier restore; delete it or move it away first"
        raise CopyRefused(message)


@contextmanager
def _undisturbed(database: Path) -> Iterator[None]:
    """Keep everybody else out of a database that is whole; raise `CopyRefused` where one is in.

    What lay beside it is written into it before.
    """
    with _opened(database, "rw") as connection:
        try:
            # Only who is alone may.
            connection.execute("PRAGMA journal_mode=DELETE")
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            message = (
                f"{database} is in use ({error}): stop what has it open, userapi serve and userapi "
                "worker, and run this again"
            )
            raise CopyRefused(message) from error
        except sqlite3.DatabaseError:
            _log.warning("%s is damaged, and is kept as it is", database)
        yield


def _remove_all(file: Path, suffixes: Sequence[str]) -> None:
    for suffix in suffixes:
        Path(f"{file}{suffix}").unlink(missing_ok=True)


@contextmanager
def _opened(file: Path, mode: str) -> Iterator[sqlite3.Connection]:
    address = f"{file.absolute().as_uri()}?mode={mode}"
    with closing(sqlite3.connect(address, uri=True, timeout=0, isolation_level=None)) as connection:
        yield connection


def _flush(path: Path) -> None:
    """Have a file, or the names in a folder, on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
