"""What is sent to the database."""

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, event


@contextlib.contextmanager
def statements_on(connection: Connection | Engine) -> Iterator[list[str]]:
    """Yield the list of the statements that are sent from now until the block ends."""
    sent: list[str] = []

    def remember(*execution: Any) -> None:
        _connection, _cursor, statement, *_ = execution
        sent.append(statement)

    event.listen(connection, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(connection, "before_cursor_execute", remember)
