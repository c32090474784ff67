"""Which databases a URL may name."""

import re
from pathlib import Path
from typing import Any

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+psycopg"
_NOT_IN_HOST = re.compile(r"[#\[\]\s]")
_SQLITE = "sqlite"


def usable_url(text: str) -> str | None:
    """Return the URL as the engine takes it, None when it names no database of ours.

    PostgreSQL is reached through psycopg; the path of an SQLite file becomes absolute. A database
    in memory is refused: it would be another one for each process and connection.
    """
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        return None
    # Of a password with an @ as it is, a part would be taken for the host.
    is_split = url.drivername != _SQLITE and text.count("@") > 1
    if is_split or _NOT_IN_HOST.search(url.host or ""):
        return None
    if url.drivername in ("postgres", "postgresql", _DRIVER):
        return url.set(drivername=_DRIVER).render_as_string(hide_password=False)
    is_file = url.database not in (None, "", ":memory:") and not url.host
    if url.drivername == _SQLITE and is_file:
        absolute = url.set(database=str(Path(str(url.database)).absolute()))
        return absolute.render_as_string(hide_password=False)
    return None


def connection_arguments(text: str) -> dict[str, Any]:
    """Return with which arguments psycopg connects to the database at a usable URL.

    It cannot take the URL itself: SQLAlchemy writes some characters of a password otherwise.
    """
    url = make_url(text)
    _, arguments = url.get_dialect()().create_connect_args(url)
    return dict(arguments)
