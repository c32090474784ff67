"""Everybody can see all that is kept of them."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient, FlaskCliRunner
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Account, Headers, Login, open_login
from support.answers import verdict
from support.leaving import close_long_ago
from support.paths import ME
from support.principals import principal_of
from support.rows import NOON, UNKNOWN_ID, column_of
from support.strangers import add_user_at_once
from support.transactions import transaction_on
from userapi.db.clock import DatabaseNow
from userapi.kit.personal_data import PersonalData, keep
from userapi.kit.secrets import token_digest
from userapi.leaving.records import MAX_BYTES, MAX_ITEMS
from userapi.leaving.repository import ClosedAccountRepository
from userapi.leaving.services.export import ExportService
from userapi.posts.models import CONTENT_LENGTH, Post
from userapi.users.models import User

EXPORT = f"{ME}/export"


@pytest.fixture
def login(client: FlaskClient, user: Account) -> Login:
    """A login of `user` over HTTP."""
    return open_login(client, user)


def exported(client: FlaskClient, headers: Headers) -> dict[str, Any]:
    answer = client.get(EXPORT, headers=headers)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def section(document: dict[str, Any], name: str) -> Any:
    """Return the items of a section that is complete."""
    (found,) = [it for it in document["sections"] if it["name"] == name]
    assert found["is_complete"], found
    return found["items"]


def test_it_has_a_section_for_each_kind(client: FlaskClient, user: Account, login: Login) -> None:
    document = exported(client, login.access)

    names = [it["name"] for it in document["sections"]]
    assert {"profile", "posts", "sessions", "devices", "events"} <= set(names)
    assert document["user_id"] == user.id


def test_it_has_what_there_is_of_each(client: FlaskClient, user: Account, login: Login) -> None:
    post = client.post(POSTS, json=DRAFT, headers=login.access).get_json()

    document = exported(client, login.access)

    (profile,) = section(document, "profile")
    assert (profile["email"], profile["first_name"]) == (user.email, "Ada")
    assert [(it["id"], it["content"]) for it in section(document, "posts")] == [
        (post["id"], DRAFT["content"])
    ]
    assert [it["address"] for it in section(document, "sessions")] == ["127.0.0.1"]
    assert len(section(document, "devices")) == 1
    events = [it["event"] for it in section(document, "events")]
    assert events == ["post:created", "session:created"]


def test_nothing_is_there_of_others(client: FlaskClient, login: Login, other_user: Account) -> None:
    others = open_login(client, other_user)
    client.post(POSTS, json=DRAFT, headers=others.access)

    document = exported(client, login.access)

    assert other_user.email not in json.dumps(document)
    assert section(document, "posts") == []


def test_where_an_admin_works_is_not_shown(
    client: FlaskClient, user: Account, login: Login, admin_headers: Headers
) -> None:
    client.patch(user.path, json={"first_name": "Augusta"}, headers=admin_headers)

    (event, *_) = section(exported(client, login.access), "events")

    assert (event["event"], event["address"]) == ("user:updated", None)


def test_no_secret_is_there(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    token = login.refresh["Authorization"].removeprefix("Bearer ")

    told = client.get(EXPORT, headers=login.access).text

    for secret in (PASSWORD, column_of(db_session, user.id, "password_hash"), token):
        assert secret not in told
    assert "hash" not in told
    assert token_digest(token) not in told


def test_a_stranger_gets_nothing(client: FlaskClient) -> None:
    assert verdict(client.get(EXPORT)) == (401, "token-missing")


def test_of_very_many_items_the_newest_are_there(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    add_posts(db_session, user.id, MAX_ITEMS + 1, content="x")

    found = section_of(exported(client, login.access), "posts")

    assert (len(found["items"]), found["is_complete"]) == (MAX_ITEMS, False)
    assert "title 1" not in [it["title"] for it in found["items"]]


def test_of_very_long_items_not_all_are_there(
    client: FlaskClient, db_session: Session, user: Account, login: Login
) -> None:
    add_posts(db_session, user.id, 40, content="\x7f" * CONTENT_LENGTH)

    found = section_of(exported(client, login.access), "posts")

    assert found["is_complete"] is False
    assert 0 < len(json.dumps(found["items"], ensure_ascii=False)) <= MAX_BYTES * 1.1


def test_the_operator_exports_all_of_it(
    runner: FlaskCliRunner, db_session: Session, user: Account
) -> None:
    add_posts(db_session, user.id, MAX_ITEMS + 1, content="x")

    printed = runner.invoke(args=["export-user", str(user.id)])

    assert printed.exit_code == 0, printed.output
    document = json.loads(printed.output)
    assert len(section(document, "posts")) == MAX_ITEMS + 1


def test_the_operator_exports_what_is_kept_of_a_closed_account(
    runner: FlaskCliRunner, db_session: Session, user: Account
) -> None:
    close_long_ago(db_session, user.id)

    printed = runner.invoke(args=["export-user", str(user.id)])

    (profile,) = section(json.loads(printed.output), "profile")
    assert profile["email"] == user.email
    assert profile["deleted_at"] is not None


def test_an_unknown_user_is_one_clear_line(runner: FlaskCliRunner) -> None:
    printed = runner.invoke(args=["export-user", str(UNKNOWN_ID)])

    assert (printed.exit_code, len(printed.output.splitlines())) == (1, 1)


def add_posts(session: Session, author_id: int, count: int, *, content: str) -> None:
    """Commit so many posts, one after the other."""
    rows = [
        {
            "title": f"title {number}",
            "content": content,
            "author_id": author_id,
            "created_at": NOON,
            "updated_at": NOON,
        }
        for number in range(1, count + 1)
    ]
    session.execute(insert(Post), rows)
    session.commit()


def section_of(document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return a section, complete or not."""
    (found,) = [it for it in document["sections"] if it["name"] == name]
    assert isinstance(found, dict)
    return found


@dataclass(frozen=True)
class Counted:
    """How many users an export saw."""

    users: int


@pytest.fixture
def exports(own_app: Flask) -> Iterator[ExportService]:
    """Exports during which somebody else commits a user, and which count the users after that."""
    with own_app.app_context():
        session = own_app.extensions["sqlalchemy"].session

        def add(user_id: int) -> Iterator[Counted]:
            add_user_at_once(own_app, f"{uuid.uuid4()}@example.com")
            yield from count(user_id)

        def count(_user_id: int) -> Iterator[Counted]:
            yield Counted(session.scalar(select(func.count()).select_from(User)))

        kinds = [
            PersonalData(name=name, tables=(), export=export, erase=keep)
            for name, export in (("before", count), ("after", add))
        ]
        closed = ClosedAccountRepository(db=session, clock=DatabaseNow)
        yield ExportService(transaction=transaction_on(session), closed=closed, kinds=kinds)


def test_it_is_of_one_moment_and_keeps_nobody_who_writes_waiting(
    own_app: Flask, exports: ExportService
) -> None:
    user_id = add_user_at_once(own_app)

    own = exports.export_own(principal_of(user_id))
    whole = exports.export_all(user_id)

    assert [it.items for it in own.sections] == [[{"users": 1}]] * 2
    assert [it.items for it in whole.sections] == [[{"users": 2}]] * 2
