"""Of a person who was erased nothing is found in any column of any table."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Headers, add_user, bearer
from support.applications import engine_of
from support.leaving import close_long_ago
from support.paths import LOGIN, ME, USERS
from userapi.features import metadata
from userapi.idempotency.models import IdempotencyKey
from userapi.invitations.models import Invitation
from userapi.kit.clock import utc_now
from userapi.kit.principal import Role
from userapi.mail.models import MailRow
from userapi.one_time_tokens.models import OneTimeToken
from userapi.users.models import User

EMAIL = "canary.address@example.com"
SECRET = "canary password of hers"
NAMES = {"first_name": "Canaryfirst", "last_name": "Canarylast"}
CLIENT = {"User-Agent": "Canaryagent/1.0"}
FROM = {"REMOTE_ADDR": "203.0.113.77"}
CANARIES = ("canary", "203.0.113.77")

KEPT = {"posts": {"author_id"}, "audit_events": {"actor_id", "subject_id"}}
"""Which columns go on naming the person, by the table: the id, which is nobody's then."""

NOT_OF_PERSONS = {
    "daily_stats",
    "import_parts",  # gone before anybody can be erased
    "import_refusals",  # of files, and nothing of what their rows held
    "imports",  # but for the id of the admin, who is nobody then
    "jobs",
    "login_throttles",
    "pending_registrations",
    "rate_limits",
    "signing_keys",
    "stats_snapshots",
}
"""What has neither a person's id nor anything that a person with an account gave."""


class Person:
    """Somebody who leaves something in every table that there is."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        answer = self._send("POST", USERS, {"email": EMAIL, "password": SECRET, **NAMES})
        self.id: int = answer["id"]
        self._send("POST", LOGIN, {"email": EMAIL, "password": "canary guess"})
        login = self._send("POST", LOGIN, {"email": EMAIL, "password": SECRET})
        self._headers: Headers = bearer(login["access_token"])
        self._send("PATCH", f"{USERS}/{self.id}", {"last_name": "Canarymarried"})
        self._send("POST", POSTS, DRAFT)
        self.exported = client.get(f"{ME}/export", headers=self._headers).text

    def _send(self, method: str, path: str, body: dict[str, str]) -> dict[str, Any]:
        headers = {**CLIENT, **getattr(self, "_headers", {})}
        if method == "POST" and path != LOGIN:
            headers["Idempotency-Key"] = "canary-key"
        answer = self._client.open(
            path, method=method, json=body, headers=headers, environ_overrides=FROM
        )
        answered: dict[str, Any] = answer.get_json()
        return answered


@pytest.fixture
def session(own_app: Flask) -> Iterator[Session]:
    """A session on the database that the application commits to."""
    with Session(engine_of(own_app)) as session:
        yield session


@pytest.fixture
def person(own_app: Flask, session: Session) -> Person:
    """Somebody who has registered, done all there is to do, and is mailed a link."""
    person = Person(own_app.test_client())
    now = utc_now()
    session.add(
        OneTimeToken(
            purpose="password-reset",
            token_hash="canary hash",
            user_id=person.id,
            address=EMAIL,
            created_at=now,
            expires_at=now + timedelta(days=365),
        )
    )
    session.add(
        MailRow(
            user_id=person.id,
            recipient=EMAIL,
            mailbox=EMAIL,
            template="password-changed",
            sealed=b"canary",
            key_id="none",
            last_error="canary",
            created_at=now,
        )
    )
    session.add(
        Invitation(
            email=EMAIL,
            role=Role.USER,
            invited_by=person.id,
            created_at=now,
            expires_at=now + timedelta(days=365),
            accepted_at=now,
            accepted_by=person.id,
        )
    )
    session.commit()
    return person


def rows_of(session: Session, table: Table) -> list[dict[str, Any]]:
    found = [dict(row) for row in session.execute(select(table)).mappings()]
    session.rollback()  # whoever has only looked holds SQLite's lock too
    return found


def traces(session: Session, user_id: int) -> dict[str, list[str]]:
    """Return in which columns of which tables something of that person is."""
    found: dict[str, set[str]] = {}
    for table in metadata.sorted_tables:
        for row in rows_of(session, table):
            for name, value in row.items():
                is_hers = value == user_id and not isinstance(value, bool) and name.endswith("_id")
                told = str(value).lower()
                if is_hers or f"user:{user_id}" == told or any(it in told for it in CANARIES):
                    found.setdefault(table.name, set()).add(name)
    return {table: sorted(columns) for table, columns in found.items()}


def close(app: Flask, session: Session, password_hash: str, user_id: int) -> None:
    """Have an admin close the account, and let the grace pass."""
    admin = add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)
    session.rollback()  # whoever has only looked holds SQLite's lock too
    client = app.test_client()
    login = client.post(LOGIN, json={"email": admin.email, "password": PASSWORD}).get_json()
    headers = bearer(login["access_token"])
    assert client.delete(f"{USERS}/{user_id}", headers=headers).status_code == 204
    close_long_ago(session, user_id)
    # The key of a registration is nobody's, and expires long before the grace does.
    session.execute(update(IdempotencyKey).values(expires_at=utc_now()))
    session.commit()


def test_every_table_has_something_of_the_person_at_first(session: Session, person: Person) -> None:
    """Otherwise the next test shows nothing: have `Person` leave something in a new table."""
    tables = {table.name for table in metadata.sorted_tables}

    assert traces(session, person.id).keys() == tables - NOT_OF_PERSONS


def test_after_the_erasure_there_is_nothing(
    own_app: Flask, session: Session, password_hash: str, person: Person
) -> None:
    close(own_app, session, password_hash, person.id)

    result = own_app.test_cli_runner().invoke(args=["purge"])

    assert "persons of closed accounts: 1 deleted" in result.output.splitlines()
    assert {it: set(names) for it, names in traces(session, person.id).items()} == KEPT


def test_the_tombstone_keeps_the_id_from_being_used_again(
    own_app: Flask, session: Session, password_hash: str, person: Person
) -> None:
    close(own_app, session, password_hash, person.id)
    own_app.test_cli_runner().invoke(args=["purge"])

    again = Person(own_app.test_client())

    assert again.id != person.id
    assert {row["id"] for row in rows_of(session, metadata.tables[User.__tablename__])} >= {
        person.id,
        again.id,
    }


def test_the_export_shows_what_was_kept(person: Person) -> None:
    for canary in (EMAIL, "Canarymarried", "Canaryagent/1.0", "203.0.113.77"):
        assert canary in person.exported
    for secret in (SECRET, "canary guess", "canary hash", "canary-key"):
        assert secret not in person.exported
