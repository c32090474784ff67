"""The checker finds what is lost, doubled, half done and risen again: each is broken by hand."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

import pytest
from benchmarks.faults.asking import Answer, Answers
from benchmarks.faults.checker import doubled, missing, rows_of
from benchmarks.faults.invariants import INVARIANTS, violations
from benchmarks.faults.journeys import World
from benchmarks.faults.ledger import Entry, Ledger
from benchmarks.faults.storm import Storm, failures, hangs
from sqlalchemy import Connection, text

from support.databases import Server, engine_on
from support.processes import live_server, wait_until

NO_LIMIT = "1000000 per 5 minutes"
LIMITS = {
    f"RATELIMIT_{name}": NO_LIMIT
    for name in ("CLIENT", "WRITES", "REGISTER", "LOGIN", "REFRESH", "FAILED_LOGINS")
}
ENOUGH = 13

TRIGGERS = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name LIKE 'audit%'"

BREAKING = {
    "a user has a password that can be verified": "UPDATE users SET password_hash = 'none'",
    "an address has one living user": "DROP INDEX uq_users_email;"
    " UPDATE users SET email = 'ada@example.com'",
    "a user was created by an event": "UPDATE audit_events SET event = 'x'"
    " WHERE event = 'account:created'",
    "an event that created a user left one": "UPDATE audit_events SET subject_id = 0"
    " WHERE event = 'account:created'",
    "each edit of a user is one event and one version": "UPDATE users SET version = version + 1",
    "a user that was registered got one mail": "UPDATE mails SET template = 'x'",
    "a mail is sent, failed, or waits as a job": "UPDATE mails SET sent_at = NULL;"
    " DELETE FROM jobs WHERE kind = 'mail'",
    "a job for a mail has its mail": "DELETE FROM mails",
    "a link that was mailed leads to a token": "DELETE FROM one_time_tokens",
    "a session was opened by one event": "UPDATE audit_events SET event = 'session:created'"
    " WHERE event = 'session:refreshed'",
    "an event that opened a session left one": "DELETE FROM sessions",
    "a session has ended by an event": "UPDATE sessions SET revoked_at = created_at;"
    " UPDATE audit_events SET event = 'x' WHERE event = 'session:revoked'",
    "an event that ended a session has ended it": "UPDATE sessions SET revoked_at = NULL",
    "a session that was refreshed, and no other, has a parent token": "UPDATE sessions"
    " SET parent_hash = NULL",
    "a refresh token has one successor": "UPDATE sessions SET parent_hash = 'the same'",
    "no two sessions have the same token, and none has its parent's": "UPDATE sessions"
    " SET parent_hash = current_hash",
    "a post was created by one event": "UPDATE audit_events SET event = 'x'"
    " WHERE event = 'post:created'",
    "a post that was created is there or was deleted": "DELETE FROM posts",
    "a post that was deleted is gone": "UPDATE audit_events SET event = 'post:deleted'"
    " WHERE event = 'post:created'",
    "a post has an author": "UPDATE posts SET author_id = 0",
    "where an event came from is known of events only": "DELETE FROM audit_events",
    "a key that was answered with success has what it made": "DELETE FROM posts",
}


ORDERLY = {"content-type": "application/problem+json; charset=utf-8", "retry-after": "1"}


def answer(
    status: int | None, headers: Mapping[str, str] | None = None, seconds: float = 0.1
) -> Answer:
    error = "" if status else "reset"
    return Answer("edit", 0.0, seconds, status, headers or {}, error=error)


@pytest.fixture(scope="module")
def url(server: Server, template_url: str) -> Iterator[str]:
    with server.copy_of(template_url) as copy:
        yield copy


@pytest.fixture(scope="module")
def service(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with live_server(url, tmp_path_factory.mktemp("service"), workers=1, **LIMITS) as served:
        yield served


@pytest.fixture(scope="module")
def done(service: str, tmp_path_factory: pytest.TempPathFactory) -> Storm:
    """What a client has done, who worked a little and logged out, and what was tried meanwhile."""
    ledger = Ledger(tmp_path_factory.mktemp("ledger") / "one.jsonl")
    done = Storm(World(service, ledger, Answers(), rounds=2), clients=1)
    done.begin()
    wait_until(lambda: bool(done.world.dead.tokens))
    done.end()
    return done


@pytest.fixture(scope="module")
def entries(done: Storm) -> list[Entry]:
    return done.world.ledger.entries()


@pytest.fixture
def connection(url: str, done: Storm) -> Iterator[Connection]:
    """A connection that may break anything, which is undone at the end."""
    with engine_on(url) as engine, engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("PRAGMA defer_foreign_keys = ON"))
            for trigger in connection.scalars(text(TRIGGERS)).all():
                connection.execute(text(f"DROP TRIGGER {trigger}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
        connection.rollback()


def change(connection: Connection, statements: str) -> None:
    for statement in statements.split(";"):
        connection.execute(text(statement))


@contextmanager
def committed(url: str, statement: str, undone: str) -> Iterator[None]:
    with engine_on(url) as engine:
        with engine.begin() as connection:
            connection.execute(text(statement))
        yield
        with engine.begin() as connection:
            connection.execute(text(undone))


def test_nothing_is_found_where_nothing_was_broken(done: Storm, url: str) -> None:
    norms = done.judge(url)

    assert norms.misses == []
    assert norms.acknowledged >= ENOUGH


def test_every_invariant_is_broken_by_hand() -> None:
    assert BREAKING.keys() == INVARIANTS.keys()


@pytest.mark.parametrize("invariant", INVARIANTS)
def test_a_broken_invariant_is_found(connection: Connection, invariant: str) -> None:
    change(connection, BREAKING[invariant])

    assert any(found.startswith(invariant) for found in violations(connection))


@pytest.mark.parametrize(
    ("operation", "loss"),
    [
        ("register", "DELETE FROM users"),
        ("edit", "UPDATE users SET version = 1"),
        ("edit", "UPDATE users SET first_name = 'Ada the last but one'"),
        ("edit", "DELETE FROM audit_events"),
        ("post", "DELETE FROM posts"),
        ("login", "DELETE FROM sessions"),
        ("refresh", "DELETE FROM audit_events"),
        ("logout", "UPDATE sessions SET revoked_at = NULL"),
    ],
)
def test_a_lost_write_is_found(
    connection: Connection, entries: list[Entry], operation: str, loss: str
) -> None:
    change(connection, loss)

    found = missing(entries, rows_of(connection))

    assert any(told.startswith((f"{operation} ", "the name of user")) for told in found)


def test_a_deleted_post_that_is_there_again_is_found(
    connection: Connection, entries: list[Entry]
) -> None:
    deleted = next(entry for entry in entries if entry.operation == "delete")
    rows = rows_of(connection)

    found = missing(entries, replace(rows, posts={**rows.posts, deleted.effect["id"]: "again"}))

    assert found == [f"delete {deleted.number}: {dict(deleted.effect)} is not there"]


def test_a_second_effect_of_a_key_is_found(connection: Connection, entries: list[Entry]) -> None:
    rows = rows_of(connection)
    post = next(entry for entry in entries if entry.operation == "post" and entry.is_acknowledged)
    again = replace(post, effect={**post.effect, "id": 0})

    assert doubled(entries, rows) == []
    assert doubled([*entries, again], rows) == [f"key {post.key}: ids [0, {post.effect['id']}]"]
    assert doubled(entries, replace(rows, posts={1: "one", 2: "one"})) == ["one: 2 rows"]


def test_a_token_that_is_accepted_again_is_found(done: Storm, url: str, service: str) -> None:
    rise = "UPDATE sessions SET revoked_at = NULL"
    with committed(url, rise, "UPDATE sessions SET revoked_at = updated_at"):
        found = done.judge(url).found["N4"]

    assert "an ended token was accepted: 200" in found


@pytest.mark.parametrize(
    ("given", "found"),
    [
        (answer(200), []),
        (answer(503, ORDERLY), []),
        (answer(500), ["1 x edit: 500"]),
        (answer(503), ["1 x edit: 503"]),
        (answer(503, {"retry-after": "1"}), ["1 x edit: 503"]),
        (answer(None), ["1 x edit: reset"]),
    ],
)
@pytest.mark.any_database
def test_what_no_client_may_get_is_found(given: Answer, found: list[str]) -> None:
    assert failures([given]) == found


@pytest.mark.any_database
def test_who_waits_too_long_is_found() -> None:
    assert hangs([answer(503, ORDERLY, 5.5), answer(200, seconds=4.9)]) == ["edit took 5.5 s"]


@pytest.mark.any_database
def test_as_many_may_be_unanswered_as_are_allowed() -> None:
    assert failures([answer(None)] * 2, may_lose=2) == []
    assert failures([answer(None)] * 3, may_lose=2) == ["3 x edit: reset"]
