"""Compares the ledger with the database: what is missing, and what happened twice."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from benchmarks.faults.ledger import Entry


@dataclass(frozen=True)
class Rows:
    """What the database has."""

    users: dict[int, tuple[str, str, int]]
    """The address, first name and version of each."""
    posts: dict[int, str]
    """The title of each."""
    sessions: dict[str, bool]
    """Whether each is over."""
    requests: frozenset[str]
    """The requests that the audit trail tells of."""


def rows_of(connection: Connection) -> Rows:
    """Read what a ledger is compared with."""
    users = connection.execute(text("SELECT id, email, first_name, version FROM users"))
    posts = connection.execute(text("SELECT id, title FROM posts"))
    sessions = connection.execute(
        text("SELECT replace(CAST(id AS VARCHAR), '-', ''), revoked_at FROM sessions")
    )
    requests = connection.execute(text("SELECT DISTINCT request_id FROM audit_events"))
    return Rows(
        {row[0]: (row[1], row[2], row[3]) for row in users},
        {row[0]: row[1] for row in posts},
        {row[0]: row[1] is not None for row in sessions},
        frozenset(row[0] for row in requests),
    )


def missing(entries: Iterable[Entry], rows: Rows) -> list[str]:
    """Return what was acknowledged and is not there."""
    entries = list(entries)
    deleted, repeated = _perhaps_deleted(entries), _repeated(entries)
    lost = [
        f"{entry.operation} {entry.number}: {problem}"
        for entry in entries
        if entry.is_acknowledged
        for problem in _problems_of(entry, rows, deleted, repeated)
    ]
    return lost + list(_lost_names(entries, rows))


def doubled(entries: Iterable[Entry], rows: Rows) -> list[str]:
    """Return the keys with more than one effect, or none where one was acknowledged."""
    made: defaultdict[str, set[int]] = defaultdict(set)
    for entry in entries:
        if entry.key is not None and entry.is_acknowledged:
            made[entry.key].add(entry.effect["id"])
    several = [f"key {key}: ids {sorted(ids)}" for key, ids in made.items() if len(ids) > 1]
    titles = Counter(rows.posts.values())
    emails = Counter(email.lower() for email, *_ in rows.users.values())
    counted = [*titles.items(), *emails.items()]
    return several + [f"{name}: {count} rows" for name, count in counted if count > 1]


def _perhaps_deleted(entries: list[Entry]) -> set[int]:
    """Return the posts whose deletion was asked for, whatever became of it."""
    return {
        int(str(entry.target).rpartition("/")[2])
        for entry in entries
        if entry.operation == "delete" and entry.target is not None
    }


def _repeated(entries: list[Entry]) -> set[int]:
    """Return the requests that were sent before, in vain as it seemed.

    Those may have done it, and then there is no event of the repetition: it changed nothing.
    """
    seen: set[tuple[str, str | None, str | None]] = set()
    repeated = set()
    for entry in entries:
        same = (entry.operation, entry.target, entry.key or entry.digest)
        if same in seen:
            repeated.add(entry.number)
        if not entry.is_acknowledged:
            seen.add(same)
    return repeated


def _problems_of(entry: Entry, rows: Rows, deleted: set[int], repeated: set[int]) -> Iterator[str]:
    if entry.number not in repeated and entry.request not in rows.requests:
        yield f"the audit trail has no request {entry.request}"
    found = _FINDERS[entry.operation](entry, rows)
    if not found and not (entry.operation == "post" and entry.effect["id"] in deleted):
        yield f"{dict(entry.effect)} is not there"


def _lost_names(entries: list[Entry], rows: Rows) -> Iterator[str]:
    """Find users who have another name than the last one that was acknowledged.

    Who was left without an answer is passed by: such a request may still be under way.
    """
    edits = [entry for entry in entries if entry.operation == "edit"]
    in_doubt = {entry.target for entry in edits if entry.status is None}
    last = {entry.target: entry for entry in edits if entry.target not in in_doubt}
    for entry in last.values():
        if not entry.is_acknowledged:
            continue
        user = rows.users.get(entry.effect["id"])
        if user is not None and user[1] != entry.effect["text"]:
            yield f"the name of user {entry.effect['id']} is not the last one acknowledged"


def _has_user(entry: Entry, rows: Rows) -> bool:
    user = rows.users.get(entry.effect["id"])
    return user is not None and user[0] == entry.effect["text"]


def _has_version(entry: Entry, rows: Rows) -> bool:
    user = rows.users.get(entry.effect["id"])
    return user is not None and user[2] >= entry.effect["version"]


_FINDERS: dict[str, Callable[[Entry, Rows], bool]] = {
    "register": _has_user,
    "edit": _has_version,
    "post": lambda entry, rows: rows.posts.get(entry.effect["id"]) == entry.effect["text"],
    "delete": lambda entry, rows: entry.effect["id"] not in rows.posts,
    "login": lambda entry, rows: entry.effect["id"] in rows.sessions,
    "refresh": lambda entry, rows: entry.effect["id"] in rows.sessions,
    "logout": lambda entry, rows: rows.sessions.get(entry.effect["id"], False),
}
