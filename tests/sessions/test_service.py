"""The service with a clock that stands still, and with passwords that watch or interfere."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, add_user
from support.applications import application, settings_for_testing
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.passwords import HashingCost, PasswordHasher
from userapi.sessions.errors import AccountDeactivated, InvalidCredentials
from userapi.sessions.models import Session as LoginSession
from userapi.sessions.repository import SessionRepository
from userapi.sessions.service import Lifetimes, SessionService, TokenPair
from userapi.settings import Settings
from userapi.users.repository import UserRepository
from userapi.web.tokens import JWTCodec
from users.rows import NOON, column_of, set_columns

HOUR = timedelta(hours=1)
MONTH = timedelta(days=30)


class WatchedHasher(PasswordHasher):
    """Counts the verifications, and lets something happen after the first of them."""

    def __init__(self, *, cost: HashingCost) -> None:
        super().__init__(cost=cost)
        self.verifications = 0
        self.meanwhile: Callable[[], None] = lambda: None

    def verify(self, password: str, stored: str | None) -> bool:
        verdict = super().verify(password, stored)
        self.verifications += 1
        if self.verifications == 1:
            self.meanwhile()
        return verdict


@pytest.fixture
def passwords(settings: Settings) -> WatchedHasher:
    """The watched passwords, at the cost of the tests."""
    return WatchedHasher(cost=settings.hashing_cost)


def service_of(app: Flask, passwords: PasswordHasher) -> SessionService:
    session = app.extensions["sqlalchemy"].session
    return SessionService(
        transaction=UnitOfWork(session=session),
        sessions=SessionRepository(session=session),
        users=UserRepository(session=session),
        passwords=passwords,
        tokens=JWTCodec(),
        lifetimes=Lifetimes(access=HOUR, refresh=MONTH),
        clock=lambda: NOON,
    )


@pytest.fixture
def service(app: Flask, db_session: Session, passwords: WatchedHasher) -> Iterator[SessionService]:
    """The service, on the application's session."""
    with app.app_context():
        yield service_of(app, passwords)


def test_a_login_is_a_row_that_lives_as_long_as_its_refresh_token(
    db_session: Session, service: SessionService, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)

    row = db_session.execute(
        select(LoginSession.user_id, LoginSession.created_at, LoginSession.expires_at)
    ).one()
    assert tuple(row) == (user.id, NOON, NOON + MONTH)


def test_every_login_is_a_row_of_its_own(
    db_session: Session, service: SessionService, user: Account
) -> None:
    service.log_in(user.email, PASSWORD)
    service.log_in(user.email, PASSWORD)

    assert db_session.scalar(select(func.count(LoginSession.id.distinct()))) == 2


def test_a_failed_login_is_no_row(
    db_session: Session, service: SessionService, user: Account
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in(user.email, "wrong password")

    assert db_session.scalar(select(func.count()).select_from(LoginSession)) == 0


def test_a_login_tells_the_access_tokens_lifetime(service: SessionService, user: Account) -> None:
    tokens = service.log_in(user.email, PASSWORD)

    assert tokens.expires_in == 3600


def test_a_wrong_password_costs_one_verification(
    service: SessionService, passwords: WatchedHasher, user: Account
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in(user.email, "wrong password")

    assert passwords.verifications == 1


def test_an_unknown_address_costs_one_verification_too(
    service: SessionService, passwords: WatchedHasher
) -> None:
    with pytest.raises(InvalidCredentials):
        service.log_in("nobody@example.com", PASSWORD)

    assert passwords.verifications == 1


def test_a_deactivated_account_costs_one_verification_too(
    db_session: Session, service: SessionService, passwords: WatchedHasher, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    with pytest.raises(AccountDeactivated):
        service.log_in(user.email, PASSWORD)

    assert passwords.verifications == 1


def test_a_deactivated_account_gets_no_row(
    db_session: Session, service: SessionService, user: Account
) -> None:
    set_columns(db_session, user.id, is_active=False)

    with pytest.raises(AccountDeactivated):
        service.log_in(user.email, PASSWORD)

    assert db_session.scalar(select(func.count()).select_from(LoginSession)) == 0


class TestMeanwhile:
    """Something happens to the account while its password is being verified.

    The interference is committed on a connection of its own, so the database is too.
    """

    @pytest.fixture
    def racing_app(self, database_url: str, tmp_path: Path) -> Iterator[Flask]:
        """An application that really commits."""
        with application(settings_for_testing(database_url, tmp_path)) as app:
            yield app

    @pytest.fixture
    def racing_session(self, racing_app: Flask) -> Iterator[Session]:
        """A session on a connection of its own."""
        with racing_app.app_context():
            engine = racing_app.extensions["sqlalchemy"].engine
        with Session(engine) as session:
            yield session

    @pytest.fixture
    def racing_user(self, racing_session: Session, passwords: WatchedHasher) -> Account:
        """A user who is about to log in."""
        account = add_user(racing_session, passwords.hash(PASSWORD), email="ada@example.com")
        racing_session.rollback()
        return account

    @staticmethod
    def log_in(app: Flask, passwords: PasswordHasher, account: Account) -> TokenPair:
        with app.app_context():
            return service_of(app, passwords).log_in(account.email, PASSWORD)

    def test_the_same_password_was_hashed_anew(
        self,
        racing_app: Flask,
        racing_session: Session,
        racing_user: Account,
        passwords: WatchedHasher,
    ) -> None:
        anew = passwords.hash(PASSWORD)
        passwords.meanwhile = lambda: set_columns(
            racing_session, racing_user.id, password_hash=anew
        )

        tokens = self.log_in(racing_app, passwords, racing_user)

        assert tokens.refresh_token.count(".") == 2

    def test_the_password_was_changed(
        self,
        racing_app: Flask,
        racing_session: Session,
        racing_user: Account,
        passwords: WatchedHasher,
    ) -> None:
        changed = passwords.hash("another password")
        passwords.meanwhile = lambda: set_columns(
            racing_session, racing_user.id, password_hash=changed
        )

        with pytest.raises(InvalidCredentials):
            self.log_in(racing_app, passwords, racing_user)

    def test_the_changed_password_is_kept(
        self,
        racing_app: Flask,
        racing_session: Session,
        racing_user: Account,
        passwords: WatchedHasher,
    ) -> None:
        old = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1))
        set_columns(racing_session, racing_user.id, password_hash=old.hash(PASSWORD))
        changed = passwords.hash("another password")
        passwords.meanwhile = lambda: set_columns(
            racing_session, racing_user.id, password_hash=changed
        )

        with pytest.raises(InvalidCredentials):
            self.log_in(racing_app, passwords, racing_user)

        assert column_of(racing_session, racing_user.id, "password_hash") == changed

    def test_the_account_was_deleted(
        self,
        racing_app: Flask,
        racing_session: Session,
        racing_user: Account,
        passwords: WatchedHasher,
    ) -> None:
        passwords.meanwhile = lambda: set_columns(racing_session, racing_user.id, deleted_at=NOON)

        with pytest.raises(InvalidCredentials):
            self.log_in(racing_app, passwords, racing_user)

    def test_the_account_was_deactivated(
        self,
        racing_app: Flask,
        racing_session: Session,
        racing_user: Account,
        passwords: WatchedHasher,
    ) -> None:
        passwords.meanwhile = lambda: set_columns(racing_session, racing_user.id, is_active=False)

        with pytest.raises(AccountDeactivated):
            self.log_in(racing_app, passwords, racing_user)
