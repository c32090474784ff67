"""Where too many passwords are being checked, a login is refused as if it had never come."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from threading import Timer

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, try_login
from support.answers import assert_problem
from support.hashing import busy_queue
from support.logins import CountedLimit, Parts, login_service_of
from support.queues import held
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import HashingQueue, PasswordCheck, PasswordHasher
from userapi.login.service import LoginService
from userapi.sessions.models import UserSession
from userapi.throttling.models import LoginThrottle

WRONG = "a wrong password"


class CountingHasher(PasswordHasher):
    """Counts what is hashed and verified."""

    computed = 0

    def hash(self, password: str) -> str:
        hashed = super().hash(password)
        self.computed += 1
        return hashed

    def check(self, password: str, stored: str | None) -> PasswordCheck:
        verdict = super().check(password, stored)
        self.computed += 1
        return verdict


@pytest.fixture
def hasher(settings: Settings) -> Iterator[CountingHasher]:
    cost = settings.of(PasswordSettings).hashing_cost
    with busy_queue() as queue:
        yield CountingHasher(cost=cost, queue=queue)


@pytest.fixture
def busy_client(
    app: Flask, client: FlaskClient, hasher: CountingHasher, overall: CountedLimit
) -> Iterator[FlaskClient]:
    service = login_service_of(app, Parts(passwords=hasher, overall=overall))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(app.extensions["userapi"], LoginService, service)
        yield client


@pytest.mark.parametrize("password", [PASSWORD, WRONG])
@pytest.mark.parametrize("email", ["ada@example.com", "nobody@example.com"])
def test_a_login_without_a_place_is_told_to_come_again(
    busy_client: FlaskClient, user: Account, email: str, password: str
) -> None:
    answer = try_login(busy_client, email, password)

    assert_problem(answer, 503, "hashing-busy")
    assert answer.headers["Retry-After"] == "5"


def test_nothing_is_counted_computed_or_recorded(
    db_session: Session,
    busy_client: FlaskClient,
    user: Account,
    hasher: CountingHasher,
    overall: CountedLimit,
) -> None:
    for password in (WRONG, PASSWORD):
        try_login(busy_client, user.email, password)

    rows = [
        db_session.scalar(select(func.count()).select_from(table))
        for table in (LoginThrottle, AuditEvent, UserSession)
    ]
    assert rows == [0, 0, 0]
    assert (hasher.computed, overall.counted) == (0, 0)


def test_who_was_counted_is_not_refused_any_more(
    app: Flask, settings: Settings, user: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = HashingQueue(slots=1, waiting=0, timeout=timedelta(seconds=1))
    hasher = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost, queue=queue)
    service = login_service_of(app, Parts(passwords=hasher))
    others = ExitStack()

    def settle_once_the_hash_was_replaced(*_: object) -> None:
        monkeypatch.undo()
        others.enter_context(held(queue))
        Timer(0.2, others.close).start()

    monkeypatch.setattr(service, "_settle", settle_once_the_hash_was_replaced)
    with app.app_context(), app.test_request_context():
        assert service.log_in(user.email, PASSWORD).access_token
