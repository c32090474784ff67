"""What is true of every database of the service, however it came to be as it is.

Each is a query for what contradicts it. They are told in the words that SQLite and PostgreSQL have
in common; ids of sessions are compared without their hyphens, which SQLite does not store. All rows
have to have come over HTTP.
"""

# ruff: noqa: S608 - queries of its own words only

import contextlib
from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

_SESSION_OF_EVENT = "replace(event.object_id, '-', '')"
_SESSION_ID = "replace(CAST(session.id AS VARCHAR), '-', '')"
_POST_ID = "CAST(post.id AS VARCHAR)"
_MADE = "CAST(substr(made.resource, 7) AS INTEGER)"
"""The id in a resource; `users/` and `posts/` have six characters each."""

_INDEXES = {
    "audit_events": (
        ("id",),
        ("event", "object_id"),
        ("event", "subject_id"),
        ("event", "replace(object_id, '-', '')"),
    ),
    "sessions": (("replace(CAST(id AS VARCHAR), '-', '')",), ("current_hash",), ("parent_hash",)),
    "posts": (("CAST(id AS VARCHAR)",), ("id",)),
}
"""By what the invariants look up rows; without them the looks take the square of the rows."""


def _events(about: str, *names: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"SELECT 1 FROM audit_events event WHERE event.event IN ({listed}) AND {about}"


def _count(about: str, *names: str) -> str:
    return _events(about, *names).replace("SELECT 1", "SELECT count(*)", 1)


_OF_USER = 'event.subject_id = "user".id'
_OF_SESSION = f"{_SESSION_OF_EVENT} = {_SESSION_ID}"
_OF_POST = f"event.object_id = {_POST_ID}"
_ENDINGS = ("session:revoked", "refresh:reused")

INVARIANTS: Mapping[str, str] = {
    "a user has a password that can be verified": (
        "SELECT count(*) FROM users WHERE erased_at IS NULL"
        " AND password_hash NOT LIKE '$argon2id$v=19$%$%$%'"
    ),
    "an address has one living user": (
        "SELECT count(*) FROM (SELECT lower(email) FROM users WHERE deleted_at IS NULL"
        " GROUP BY lower(email) HAVING count(*) > 1) twice"
    ),
    "a user was created by an event": (
        f'SELECT count(*) FROM users "user" WHERE NOT EXISTS'
        f" ({_events(_OF_USER, 'account:created')})"
    ),
    "an event that created a user left one": (
        "SELECT count(*) FROM audit_events event WHERE event.event = 'account:created'"
        ' AND NOT EXISTS (SELECT 1 FROM users "user" WHERE "user".id = event.subject_id)'
    ),
    "each edit of a user is one event and one version": (
        f'SELECT count(*) FROM users "user" WHERE "user".version - 1'
        f" <> ({_count(_OF_USER, 'user:updated')})"
    ),
    "a user that was registered got one mail": (
        'SELECT count(*) FROM users "user" WHERE 1 <> (SELECT count(*) FROM mails mail'
        " WHERE mail.user_id = \"user\".id AND mail.template = 'email-verification')"
    ),
    "a mail is sent, failed, or waits as a job": (
        "SELECT count(*) FROM mails mail WHERE mail.sent_at IS NULL AND mail.failed_at IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM jobs job WHERE job.kind = 'mail' AND job.done_at IS NULL"
        " AND replace(job.key, '-', '') = replace(CAST(mail.id AS VARCHAR), '-', ''))"
    ),
    "a job for a mail has its mail": (
        "SELECT count(*) FROM jobs job WHERE job.kind = 'mail' AND NOT EXISTS (SELECT 1 FROM mails"
        " mail WHERE replace(job.key, '-', '') = replace(CAST(mail.id AS VARCHAR), '-', ''))"
    ),
    "a link that was mailed leads to a token": (
        "SELECT count(*) FROM mails mail WHERE mail.template = 'email-verification' AND 1 <>"
        " (SELECT count(*) FROM one_time_tokens token WHERE token.user_id = mail.user_id"
        " AND token.purpose = 'email-verification')"
    ),
    "a session was opened by one event": (
        "SELECT count(*) FROM sessions session WHERE 1 <>"
        f" ({_count(_OF_SESSION, 'session:created')})"
    ),
    "an event that opened a session left one": (
        "SELECT count(*) FROM audit_events event WHERE event.event = 'session:created'"
        f" AND NOT EXISTS (SELECT 1 FROM sessions session WHERE {_OF_SESSION})"
    ),
    "a session has ended by an event": (
        "SELECT count(*) FROM sessions session WHERE session.revoked_at IS NOT NULL"
        f" AND NOT EXISTS ({_events(_OF_SESSION, *_ENDINGS)})"
    ),
    "an event that ended a session has ended it": (
        "SELECT count(*) FROM sessions session WHERE session.revoked_at IS NULL"
        f" AND EXISTS ({_events(_OF_SESSION, *_ENDINGS)})"
    ),
    "a session that was refreshed, and no other, has a parent token": (
        "SELECT count(*) FROM sessions session WHERE (session.parent_hash IS NULL)"
        f" = EXISTS ({_events(_OF_SESSION, 'session:refreshed')})"
    ),
    "a refresh token has one successor": (
        "SELECT count(*) FROM (SELECT parent_hash FROM sessions WHERE parent_hash IS NOT NULL"
        " GROUP BY parent_hash HAVING count(*) > 1) twice"
    ),
    "no two sessions have the same token, and none has its parent's": (
        "SELECT count(*) FROM sessions session JOIN sessions other ON session.current_hash ="
        " other.current_hash AND session.id <> other.id OR session.current_hash = other.parent_hash"
    ),
    "a post was created by one event": (
        f"SELECT count(*) FROM posts post WHERE 1 <> ({_count(_OF_POST, 'post:created')})"
    ),
    "a post that was created is there or was deleted": (
        "SELECT count(*) FROM audit_events event WHERE event.event = 'post:created'"
        f" AND NOT EXISTS (SELECT 1 FROM posts post WHERE {_OF_POST})"
        " AND NOT EXISTS (SELECT 1 FROM audit_events deletion WHERE deletion.event ="
        " 'post:deleted' AND deletion.object_id = event.object_id)"
    ),
    "a post that was deleted is gone": (
        f"SELECT count(*) FROM posts post WHERE EXISTS ({_events(_OF_POST, 'post:deleted')})"
    ),
    "a post has an author": (
        "SELECT count(*) FROM posts post WHERE NOT EXISTS"
        ' (SELECT 1 FROM users "user" WHERE "user".id = post.author_id)'
    ),
    "where an event came from is known of events only": (
        "SELECT count(*) FROM audit_origins origin WHERE NOT EXISTS"
        " (SELECT 1 FROM audit_events event WHERE event.id = origin.event_id)"
    ),
    "a key that was answered with success has what it made": (
        "SELECT count(*) FROM idempotency_keys made WHERE made.status = 201 AND NOT EXISTS"
        " (SELECT 1 FROM users \"user\" WHERE made.resource LIKE 'users/%'"
        f' AND "user".id = {_MADE})'
        " AND NOT EXISTS (SELECT 1 FROM posts post WHERE made.resource LIKE 'posts/%'"
        f" AND post.id = {_MADE})"
    ),
}


def violations(connection: Connection) -> list[str]:
    """Return what does not hold in a database, each with how often."""
    with _indexed(connection):
        counts = {
            name: connection.execute(text(query)).scalar_one() for name, query in INVARIANTS.items()
        }
    return [f"{name}: {count} times not" for name, count in counts.items() if count]


@contextlib.contextmanager
def _indexed(connection: Connection) -> Iterator[None]:
    """Have copies with indexes in the place of tables, for this connection only."""
    schema = "temp" if connection.dialect.name == "sqlite" else "pg_temp"
    try:
        for table, indexes in _INDEXES.items():
            connection.execute(text(f"CREATE TABLE {schema}.{table} AS SELECT * FROM {table}"))
            for number, parts in enumerate(indexes):
                columns = ", ".join(f"({part})" for part in parts)
                connection.execute(text(f"CREATE INDEX {table}_{number} ON {table} ({columns})"))
            connection.execute(text(f"ANALYZE {schema}.{table}"))
        yield
    finally:
        for table in _INDEXES:
            connection.execute(text(f"DROP TABLE IF EXISTS {schema}.{table}"))
