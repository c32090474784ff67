"""The service with a clock that stands still, and with passwords that watch or interfere."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, add_user
from support.applications import engine_of
from support.logins import MONTH, WEEK, Parts, WatchedHasher, login_service_of
from support.rows import NOON, column_of, set_columns
from userapi.kit.passwords import HashingCost, PasswordHasher
from userapi.login.errors import AccountDeactivated, InvalidCredentials
from userapi.login.service import LoginResult, LoginService
from userapi.sessions.models import UserSession


def test_a_login_is_a_row_that_lives_as_long_as_its_refresh_token(
    db_session: Session, service: LoginService, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)

    times = (UserSession.created_at, UserSession.expires_at, UserSession.absolute_expires_at)
    row = db_session.execute(select(UserSession.user_id, *times)).one()
    assert tuple(row) == (user.id, NOON, NOON + WEEK, NOON + MONTH)


def test_every_login_is_a_row_of_its_own(
    db_session: Session, service: LoginService, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)
    service.log_in(user.email, PASSWORD)

    assert db_session.scalar(select(func.count(UserSession.id.distinct()))) == 2


def test_a_failed_login_is_no_row(
    db_session: Session, service: LoginService, user: Account
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in(user.email, "wrong password")

    assert db_session.scalar(select(func.count()).select_from(UserSession)) == 0


def test_a_login_tells_the_access_tokens_lifetime(service: LoginService, user: Account) -> None:
    tokens = service.log_in(user.email, PASSWORD)

    assert tokens.expires_in == 3600


def test_a_wrong_password_costs_one_verification(
    service: LoginService, passwords: WatchedHasher, user: Account
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in(user.email, "wrong password")

    assert passwords.verifications == 1


def test_an_unknown_address_costs_one_verification_too(
    service: LoginService, passwords: WatchedHasher
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in("nobody@example.com", PASSWORD)

    assert passwords.verifications == 1


def test_a_deactivated_account_costs_one_verification_too(
    db_session: Session, service: LoginService, passwords: WatchedHasher, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    with pytest.raises(AccountDeactivated):
        service.log_in(user.email, PASSWORD)

    assert passwords.verifications == 1


def test_a_deactivated_account_gets_no_row(
    db_session: Session, service: LoginService, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    with pytest.raises(AccountDeactivated):
        service.log_in(user.email, PASSWORD)

    assert db_session.scalar(select(func.count()).select_from(UserSession)) == 0


@dataclass(frozen=True)
class Race:
    """A login during which something happens to the account.

    That is committed on a connection of its own, so the application really commits too.
    """

    app: Flask
    session: Session
    user: Account
    passwords: WatchedHasher

    def meanwhile(self, **columns: Any) -> None:
        """Have the user's row changed while the password is being verified."""
        self.passwords.meanwhile = lambda: set_columns(self.session, self.user.id, **columns)

    def log_in(self) -> LoginResult:
        with self.app.app_context():
            parts = Parts(passwords=self.passwords)
            return login_service_of(self.app, parts).log_in(self.user.email, PASSWORD)


@pytest.fixture
def race(own_app: Flask, passwords: WatchedHasher) -> Iterator[Race]:
    """A user is about to log in."""
    with Session(engine_of(own_app)) as session:
        user = add_user(session, passwords.hash(PASSWORD), email="ada@example.com")
        session.rollback()
        yield Race(own_app, session, user, passwords)


def test_a_login_survives_that_the_same_password_is_hashed_anew(race: Race) -> None:
    race.meanwhile(password_hash=race.passwords.hash(PASSWORD))

    tokens = race.log_in()

    assert tokens.refresh_token.count(".") == 2


def test_a_login_fails_when_the_password_is_changed_meanwhile(race: Race) -> None:
    race.meanwhile(password_hash=race.passwords.hash("another password"))

    with pytest.raises(InvalidCredentials):
        race.log_in()


def test_a_password_that_is_changed_meanwhile_is_kept(race: Race) -> None:
    old = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1))
    set_columns(race.session, race.user.id, password_hash=old.hash(PASSWORD))
    changed = race.passwords.hash("another password")
    race.meanwhile(password_hash=changed)

    with pytest.raises(InvalidCredentials):
        race.log_in()

    assert column_of(race.session, race.user.id, "password_hash") == changed


def test_a_login_fails_when_the_account_is_deleted_meanwhile(race: Race) -> None:
    race.meanwhile(deleted_at=NOON)

    with pytest.raises(InvalidCredentials):
        race.log_in()


def test_a_login_fails_when_the_account_is_deactivated_meanwhile(race: Race) -> None:
    race.meanwhile(is_active=False)

    with pytest.raises(AccountDeactivated):
        race.log_in()
