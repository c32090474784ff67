"""Bars that show how far a command is, with its rate and the time left: on terminals only."""

from __future__ import annotations

import os
import stat
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress, TaskID

    from userapi.imports.records import Counts
    from userapi.imports.services.loading import Watch


@contextmanager
def bytes_shown(file: BinaryIO) -> Iterator[Watch]:
    """Yield what shows how much of a file was imported."""
    with _bar() as progress:
        task = progress.add_task("Importing", total=_size_of(file), rate="")

        def watch(counts: Counts, size: int) -> None:
            _show(progress, task, counts.rows_read, size)

        yield watch


@contextmanager
def users_shown(total: int) -> Iterator[Callable[[int], None]]:
    """Yield what is told how many more users were exported."""
    with _bar() as progress:
        task = progress.add_task("Exporting", total=total, rate="")

        def watch(more: int) -> None:
            done = int(progress.tasks[task].completed) + more
            _show(progress, task, done, done)

        yield watch


def _bar() -> Progress:
    # No server and no other command needs it: a fiftieth of a second and 2 MiB.
    from rich.console import Console  # noqa: PLC0415 - see above
    from rich.progress import (  # noqa: PLC0415 - see above
        BarColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %  {task.fields[rate]}"),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


def _show(progress: Progress, task: TaskID, rows: int, completed: int) -> None:
    seconds = progress.tasks[task].elapsed or 0
    rate = f"{rows:,} users, {rows / seconds:,.0f} a second" if seconds else ""
    progress.update(task, completed=completed, rate=rate)


def _size_of(file: BinaryIO) -> int | None:
    """Return the size of a file; None for what is no file, such as a pipe."""
    try:
        status = os.fstat(file.fileno())
    except OSError:  # it has no descriptor
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
