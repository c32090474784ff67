"""Every list and the login use their index: what the database plans for them tells."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, event, insert, select, text

from support.applications import engine_of
from support.principals import principal_of
from support.rows import NOON, at_minute
from support.transactions import transaction_on
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.records import EventQuery
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditSearch
from userapi.kit.cursor import Cursor
from userapi.kit.events import known_events
from userapi.kit.pagination import PageRequest
from userapi.kit.principal import Role
from userapi.login.errors import InvalidCredentials
from userapi.login.service import LoginService
from userapi.posts.models import Post
from userapi.posts.service import PostService
from userapi.sessions.repository import SessionRepository
from userapi.sessions.services.user_sessions import UserSessionService
from userapi.throttling.lockout import Lockout
from userapi.throttling.repository import ThrottleRepository
from userapi.throttling.services.unlocking import UnlockService
from userapi.users.events import UserEvent
from userapi.users.models import User
from userapi.users.service import DirectoryQuery, UserChanges, UserService
from userapi.web.services import provided

Statement = tuple[str, Any]
ADMIN_ID = 100
"""One of the two administrators."""


@pytest.fixture(scope="module")
def filled_app(committing_app: Flask) -> Flask:
    """An application with some data, which PostgreSQL's planner knows about."""
    engine = engine_of(committing_app)
    with engine.begin() as connection:
        connection.execute(insert(User), [person(number) for number in range(1, 301)])
        connection.execute(insert(Post), [post(number) for number in range(1, 601)])
        connection.execute(insert(AuditEvent), [happening(number) for number in range(1, 6001)])
        connection.execute(insert(AuditClientInfo).from_select(["event_id"], select(AuditEvent.id)))
        if engine.dialect.name == "postgresql":
            connection.execute(text("ANALYZE"))
    return committing_app


def person(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"person{number}@example.com",
        "password_hash": "!",
        "first_name": "Ada",
        "last_name": "Lovelace",
        "is_active": number % 3 > 0,
        "role": Role.ADMIN if number in (ADMIN_ID, ADMIN_ID + 1) else Role.USER,
    }


def post(number: int) -> dict[str, Any]:
    return {"title": "Title", "content": "Content", "author_id": number % 6 + 1}


def happening(number: int) -> dict[str, Any]:
    return {
        "occurred_at": at_minute(number),
        "event": known_events()[number % len(known_events())],
        "actor_id": number % 31,
        "subject_id": number % 29,
        "details": {},
    }


def statements_of(app: Flask, action: Callable[[], object]) -> list[Statement]:
    """Return what `action` reads and changes, with the parameters."""
    sent: list[Statement] = []

    def remember(*execution: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = execution
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        with app.app_context():
            action()
    finally:
        event.remove(Engine, "before_cursor_execute", remember)
    return sent


def plan(app: Flask, statement: Statement) -> str:
    sql, parameters = statement
    with engine_of(app).begin() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            return "\n".join(row.detail for row in rows)
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", parameters).scalars())


def plan_of(app: Flask, action: Callable[[], object], *, mark: str) -> str:
    """Return the plan of the one statement of `action` that has `mark` in it."""
    (marked,) = [sent for sent in statements_of(app, action) if mark in sent[0]]
    return plan(app, marked)


def uses(index: str, plan: str) -> bool:
    """Say whether the index finds the rows, and in their order."""
    return re.search(rf"\b{index}\b", plan) is not None and not is_sorted_afterwards(plan)


def is_sorted_afterwards(plan: str) -> bool:
    return "Sort" in plan or "USE TEMP B-TREE" in plan


def list_users(*, active_only: bool) -> Callable[[], object]:
    query = DirectoryQuery(active_only=active_only)
    return lambda: provided(UserService).list(principal_of(7), query)


def test_the_directory_has_an_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(active_only=False), mark="ORDER BY")

    assert uses("ix_users_directory", found), found


def test_the_directory_of_active_users_has_an_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(active_only=True), mark="ORDER BY")

    assert uses("ix_users_active_directory", found), found


def test_active_users_are_counted_with_their_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(active_only=True), mark="count(*)")

    assert uses("ix_users_active_directory", found), found


def test_the_list_of_posts_has_an_index(filled_app: Flask) -> None:
    def list_posts() -> object:
        return provided(PostService).list(PageRequest())

    found = plan_of(filled_app, list_posts, mark="ORDER BY")

    assert uses("ix_posts_created_at_id", found), found


def test_an_authors_posts_have_an_index(filled_app: Flask) -> None:
    def list_posts() -> object:
        return provided(PostService).list_by_author(5, PageRequest())

    found = plan_of(filled_app, list_posts, mark="ORDER BY")

    assert uses("ix_posts_author_id_created_at_id", found), found


def test_a_login_finds_its_address_by_the_index(filled_app: Flask) -> None:
    def log_in() -> None:
        with pytest.raises(InvalidCredentials):
            provided(LoginService).log_in("nobody@example.com", "password123")

    found = plan_of(filled_app, log_in, mark="lower(")

    assert uses("uq_users_email", found), found


def test_a_login_finds_its_device_by_an_index(filled_app: Flask) -> None:
    def log_in() -> None:
        with pytest.raises(InvalidCredentials):
            provided(LoginService).log_in("nobody@example.com", "password123", "uad_token")

    found = plan_of(filled_app, log_in, mark="known_devices")

    # By the token, or among the few devices of the user.
    by_token = uses("uq_known_devices_token_hash", found)
    assert by_token or uses("ix_known_devices_user_id", found), found


def test_a_first_login_is_told_by_an_index(filled_app: Flask) -> None:
    def ask() -> None:
        session = filled_app.extensions["sqlalchemy"].session
        assert not SessionRepository(db=session).any_of(7)

    found = plan_of(filled_app, ask, mark="sessions")

    assert uses("ix_sessions_user_id_created_at_id", found), found
    assert uses("ix_sessions_revoked_user_id", found), found


@pytest.mark.usefixtures("callers_as_given")
def test_an_unlocking_finds_the_devices_by_the_index(filled_app: Flask) -> None:
    def unlock() -> None:
        provided(UnlockService).unlock(principal_of(ADMIN_ID, role=Role.ADMIN), 7)

    found = plan_of(filled_app, unlock, mark="known_devices")

    assert uses("ix_known_devices_user_id", found), found


def test_old_failures_are_found_by_their_index(filled_app: Flask) -> None:
    def forget() -> None:
        session = filled_app.extensions["sqlalchemy"].session
        with transaction_on(session):
            ThrottleRepository(db=session).delete_expired(NOON, Lockout(), limit=10)

    found = plan_of(filled_app, forget, mark="login_throttles")

    assert "ix_login_throttles_last_failed_at" in found, found


def deactivate_somebody() -> None:
    admin = principal_of(ADMIN_ID, Role.ADMIN)
    provided(UserService).update(admin, 7, UserChanges(is_active=False))


def test_the_active_admins_have_an_index(filled_app: Flask) -> None:
    def demote_somebody() -> None:
        provided(UserService).assign_role("person8@example.com", Role.USER)

    found = plan_of(filled_app, demote_somebody, mark="ORDER BY")

    assert "ix_users_active_admins" in found, found
    assert not re.search(r"Seq Scan|SCAN users(?!_1 USING INDEX)", found), found


def test_the_operator_finds_an_address_by_the_index(filled_app: Flask) -> None:
    def assign_role() -> None:
        provided(UserService).assign_role("person8@example.com", Role.MODERATOR)

    found = plan_of(filled_app, assign_role, mark="lower(")

    assert uses("uq_users_email", found), found


@pytest.mark.usefixtures("callers_as_given")
def test_a_users_sessions_have_an_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, deactivate_somebody, mark="UPDATE sessions")

    assert uses("ix_sessions_user_id_created_at_id", found), found


def search_events(**filters: Any) -> Callable[[], object]:
    admin = principal_of(ADMIN_ID, role=Role.ADMIN)
    return lambda: provided(AuditSearch).search(admin, EventQuery(**filters))


events_by_filter = pytest.mark.parametrize(
    ("index", "filters"),
    [
        ("ix_audit_events_occurred_at_id", {}),
        ("ix_audit_events_occurred_at_id", {"since": at_minute(4900), "until": at_minute(5950)}),
        ("ix_audit_events_subject_id_occurred_at_id", {"subject_id": 3}),
        ("ix_audit_events_actor_id_occurred_at_id", {"actor_id": 3}),
        ("ix_audit_events_event_occurred_at_id", {"event": UserEvent.DELETED}),
        ("ix_audit_events_subject_id_occurred_at_id", {"subject_id": 3, "since": NOON}),
    ],
)


@events_by_filter
def test_each_search_of_events_has_an_index(
    filled_app: Flask, index: str, filters: dict[str, Any]
) -> None:
    found = plan_of(filled_app, search_events(**filters), mark="ORDER BY")

    assert uses(index, found), found


@events_by_filter
def test_a_search_goes_on_by_the_same_index(
    filled_app: Flask, index: str, filters: dict[str, Any]
) -> None:
    search = search_events(cursor=Cursor((at_minute(5000), 5000)), **filters)

    found = plan_of(filled_app, search, mark="ORDER BY")

    assert uses(index, found), found


def test_a_search_of_events_is_one_query_and_counts_nothing(filled_app: Flask) -> None:
    ((statement, _),) = statements_of(filled_app, search_events(subject_id=7))

    assert "count(" not in statement


def test_the_client_information_to_delete_is_found_by_its_key(filled_app: Flask) -> None:
    def delete_none() -> None:
        session = filled_app.extensions["sqlalchemy"].session
        with transaction_on(session):
            AuditRepository(db=session).delete_expired_client_info(NOON, limit=1000)

    found = plan_of(filled_app, delete_none, mark="DELETE FROM audit_origins")

    assert "ix_audit_events_occurred_at_id" in found, found
    assert not re.search("Seq Scan|SCAN audit_events", found), found


def test_the_list_of_a_users_sessions_has_an_index(filled_app: Flask) -> None:
    def list_sessions() -> object:
        return provided(UserSessionService).list(principal_of(7), 7, PageRequest())

    found = plan_of(filled_app, list_sessions, mark="ORDER BY")

    assert uses("ix_sessions_user_id_created_at_id", found), found
