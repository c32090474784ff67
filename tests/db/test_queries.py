"""Every list and the login use their index: what the database plans for them tells."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import insert, select, text

from support.applications import engine_of
from support.databases import on_postgresql, on_sqlite
from support.plans import plan_of, statements_of, uses
from support.principals import principal_of
from support.rows import NOON, at_minute
from support.transactions import transaction_on
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.records import EventQuery
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditSearch
from userapi.directory.records import DirectoryQuery, UserFilter
from userapi.directory.service import DirectoryService
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
from userapi.users.repository import UserRepository
from userapi.users.service import UserChanges, UserService
from userapi.web.services import provided

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


def list_users(*, is_active: bool | None = None) -> Callable[[], object]:
    query = DirectoryQuery(filter=UserFilter(is_active=is_active))
    return lambda: provided(DirectoryService).list(principal_of(7), query)


def test_the_directory_has_an_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(), mark="ORDER BY")

    assert uses("ix_users_directory", found), found


def test_the_directory_of_active_users_has_an_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(is_active=True), mark="ORDER BY")

    assert uses("ix_users_active_directory", found), found


def test_active_users_are_counted_with_their_index(filled_app: Flask) -> None:
    found = plan_of(filled_app, list_users(is_active=True), mark="count(*)")

    assert uses("ix_users_active_directory", found), found


def test_the_list_of_posts_has_an_index(filled_app: Flask) -> None:
    def list_posts() -> object:
        return provided(PostService).list(principal_of(5), PageRequest())

    found = plan_of(filled_app, list_posts, mark="ORDER BY")

    assert uses("ix_posts_created_at_id", found), found


def test_an_authors_posts_have_an_index(filled_app: Flask) -> None:
    def list_posts() -> object:
        return provided(PostService).list_by_author(principal_of(5), 5, PageRequest())

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
        history = SessionRepository(db=session).history_of(7)
        assert not history.has_any

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


def plan_of_locking_many(app: Flask, mark: str) -> str:
    def lock() -> None:
        session = app.extensions["sqlalchemy"].session
        with transaction_on(session):
            UserRepository(db=session).lock_with_active_admins(*range(1, 200))

    return plan_of(app, lock, mark=mark)


@on_sqlite
def test_many_users_are_found_by_their_ids(filled_app: Flask) -> None:
    found = plan_of_locking_many(filled_app, "json_each")

    assert "SEARCH users USING INTEGER PRIMARY KEY" in found, found


@on_postgresql
def test_many_users_are_locked_by_ids_that_are_read_once(filled_app: Flask) -> None:
    found = plan_of_locking_many(filled_app, "FOR NO KEY UPDATE")

    # What is no plan of its own is read anew for each row that somebody else has changed.
    assert "InitPlan" in found
    assert "Join" not in found
    assert "SubPlan" not in found
