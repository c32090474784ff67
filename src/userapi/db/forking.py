"""What is looked at in the database before a server forks its processes."""

import contextlib
from collections.abc import Iterator

from flask import Flask


@contextlib.contextmanager
def before_forking(app: Flask) -> Iterator[None]:
    """Have a context of an application, and leave no connection open.

    The processes that are forked afterwards would share it.
    """
    try:
        with app.app_context():
            yield
    finally:
        # In a context of its own: the session gives its connection back when the first one ends.
        with app.app_context():
            app.extensions["sqlalchemy"].engine.dispose()
