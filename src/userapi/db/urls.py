"""Which databases a URL may name."""

import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

_DRIVER = "postgresql+psycopg"
_NOT_IN_HOST = re.compile(r"[#\[\]\s]")
_SQLITE = "sqlite"
_HOST = re.compile(r"(?:(?P<name>[\w.-]+)|\[(?P<ip6>[0-9a-fA-F:.]+)\])(?::(?P<port>\d+))?")
_SEVERAL_HOSTS = re.compile(
    r"(\w+(?:\+\w+)?://(?:[^@/?#]*@)?)([^@/?#]*,[^@/?#]*)(/[^?#]*)?(?:\?(.*))?"
)


def usable_url(text: str, *, session: str = "read-write") -> str | None:
    """Return the URL as the engine takes it, None when it names no database of ours.

    PostgreSQL is reached through psycopg; of several hosts the first one is taken that offers
    such a `session` (`target_session_attrs`), where the URL does not say otherwise. The path of an
    SQLite file becomes absolute. A database in memory is refused: it would be another one for each
    process and connection.
    """
    try:
        url = make_url(_with_hosts_in_query(text, session))
    except (ArgumentError, ValueError):
        return None
    # Of a password with an @ as it is, a part would be taken for the host.
    is_split = url.drivername != _SQLITE and text.count("@") > 1
    if is_split or _NOT_IN_HOST.search(url.host or ""):
        return None
    if url.drivername in ("postgres", "postgresql", _DRIVER):
        usable = url.set(drivername=_DRIVER).render_as_string(hide_password=False)
        return usable if _can_be_connected_to(usable) else None
    is_file = url.database not in (None, "", ":memory:") and not url.host
    if url.drivername == _SQLITE and is_file:
        absolute = url.set(database=str(Path(str(url.database)).absolute()))
        return absolute.render_as_string(hide_password=False)
    return None


def _with_hosts_in_query(text: str, session: str) -> str:
    """Return a URL of several hosts, as PostgreSQL's own programs take it, as SQLAlchemy does."""
    found = _SEVERAL_HOSTS.fullmatch(text)
    if found is None:
        return text
    beginning, hosts, path, query = found.groups()
    addresses = [_HOST.fullmatch(host) for host in hosts.split(",")]
    if not all(addresses):
        return ""
    names = ",".join(address["name"] or address["ip6"] for address in addresses if address)
    ports = ",".join(address["port"] or "" for address in addresses if address)
    options = [f"host={quote(names, safe=',')}", f"port={ports}"]
    given = query.split("&") if query else []
    if not any(option.startswith("target_session_attrs=") for option in given):
        given.append(f"target_session_attrs={session}")
    return f"{beginning}{path or '/'}?{'&'.join([*options, *given])}"


def _can_be_connected_to(text: str) -> bool:
    try:
        connection_arguments(text)
    except (ArgumentError, ValueError):
        return False
    return True


def connection_arguments(text: str) -> dict[str, Any]:
    """Return with which arguments psycopg connects to the database at a usable URL.

    It cannot take the URL itself: SQLAlchemy writes some characters of a password otherwise.
    """
    url = make_url(text)
    _, arguments = url.get_dialect()().create_connect_args(url)
    return dict(arguments)
