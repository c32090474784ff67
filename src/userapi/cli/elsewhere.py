"""The application on another database than its settings name."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask

from userapi.db.forking import before_forking


class Elsewhere:
    """Builds this application once more, with the same settings and features."""

    def __init__(self, build: Callable[[str], Flask]) -> None:
        self._build = build

    @contextmanager
    def on(self, url: str) -> Iterator[None]:
        """Have the context of the application on the database at `url`; nothing stays open."""
        with before_forking(self._build(url)):
            yield
