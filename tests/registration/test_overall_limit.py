"""Registrations of all clients together are limited; what operators do is not."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from support.accounts import REGISTRATION
from support.answers import assert_problem
from support.applications import application, empty_tables, engine_of, settings_for_testing
from support.paths import USERS
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.registration.records import Registration
from userapi.registration.services.registration import RegistrationService
from userapi.users.models import User
from userapi.web.services import provided

pytestmark = pytest.mark.any_database

OVERALL = 2
LIMITS = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_REGISTRATIONS_OVERALL": f"{OVERALL} per 5 minutes",
}


@dataclass
class Strangers:
    """Clients without an account, each at an address of its own."""

    app: Flask
    number: int = 0

    def register(
        self, email: str | None = None, key: str | None = None, address: str | None = None
    ) -> TestResponse:
        """Register, from an address that nobody has used if it is not told otherwise."""
        self.number += 1
        return self.app.test_client().post(
            USERS,
            json={**REGISTRATION, "email": email or f"stranger{self.number}@example.com"},
            headers={"Idempotency-Key": key} if key else {},
            environ_overrides={"REMOTE_ADDR": address or f"203.0.113.{self.number}"},
        )

    def users(self) -> int:
        """Return how many accounts there are."""
        with engine_of(self.app).connect() as connection:
            return connection.scalar(select(func.count()).select_from(User)) or 0


@pytest.fixture(scope="module")
def limiting_app(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    folder = tmp_path_factory.mktemp("overall")
    with application(settings_for_testing(module_database_url, folder, **LIMITS)) as app:
        yield app


@pytest.fixture
def strangers(limiting_app: Flask) -> Iterator[Strangers]:
    yield Strangers(limiting_app)
    empty_tables(limiting_app)


def test_no_more_accounts_are_made_than_all_together_may(strangers: Strangers) -> None:
    statuses = [strangers.register().status_code for _ in range(OVERALL + 2)]

    assert statuses == [201] * OVERALL + [429, 429]
    assert strangers.users() == OVERALL


def test_a_refusal_tells_how_long_to_wait(strangers: Strangers) -> None:
    for _ in range(OVERALL):
        strangers.register()
    answer = strangers.register()

    assert_problem(answer, 429, "registrations-limited")
    assert 290 <= int(answer.headers["Retry-After"]) <= 301


def test_a_repeatable_request_counts_once(strangers: Strangers) -> None:
    repeated = {"email": "one@example.com", "key": "one-key", "address": "198.51.100.1"}
    answers = [strangers.register(**repeated) for _ in range(3)]
    others = [strangers.register(key=f"key-{number}").status_code for number in range(2)]

    assert [it.status_code for it in answers] == [201] * 3
    assert others == [201, 429]


def test_a_refusal_computes_no_hash(strangers: Strangers, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(OVERALL):
        strangers.register()
    hashed: list[str] = []
    monkeypatch.setattr(PasswordHasher, "hash", lambda _, password: hashed.append(password))

    assert strangers.register().status_code == 429
    assert hashed == []


def test_operators_are_not_limited(strangers: Strangers) -> None:
    for _ in range(OVERALL):
        strangers.register()
    with strangers.app.app_context():
        for number in range(2):
            names = Registration(f"op{number}@example.com", "a long password", "Ada", "Lovelace")
            provided(RegistrationService).create(names, Role.ADMIN)

    assert strangers.users() == OVERALL + 2


def test_operators_leave_strangers_their_share(strangers: Strangers) -> None:
    with strangers.app.app_context():
        for number in range(OVERALL):
            names = Registration(f"op{number}@example.com", "a long password", "Ada", "Lovelace")
            provided(RegistrationService).create(names, Role.USER)

    assert [strangers.register().status_code for _ in range(OVERALL)] == [201] * OVERALL
