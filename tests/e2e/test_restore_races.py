"""An account is restored while its address is registered, or given back to another."""

from collections import Counter
from datetime import timedelta
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, REGISTRATION, Account, Headers, add_user
from support.leaving import close_long_ago
from support.paths import USERS
from support.races import log_in_over_http, race, racing_client, scaled
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.users.models import User

pytestmark = pytest.mark.race

ROUNDS = scaled(100)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def root(committed: Session, settings: Settings) -> Account:
    """An admin who can log in."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    made = add_user(committed, hashed, email="root@example.com", role=Role.ADMIN)
    committed.rollback()  # whoever has only looked holds SQLite's lock too
    return made


def living_with(session: Session, email: str) -> int:
    living = select(func.count()).where(User.email == email, User.deleted_at.is_(None))
    found = session.scalar(living) or 0
    session.rollback()
    return found


def register(client: httpx.Client, email: str) -> int:
    return client.post(USERS, json={**REGISTRATION, "email": email}).status_code


def restore(client: httpx.Client, user_id: int, headers: Headers) -> int:
    return client.post(f"{USERS}/{user_id}/restore", headers=headers).status_code


def test_of_a_restored_account_and_a_new_one_one_has_the_address(
    url: str, committed: Session, root: Account
) -> None:
    outcomes: Counter[tuple[int, int]] = Counter()
    for number in range(ROUNDS):
        email = f"ada{number}@example.com"
        with racing_client(url, 2) as client:
            headers = log_in_over_http(client, root.email)
            register(client, email)
            user_id = committed.scalar(select(User.id).where(User.email == email))
            committed.rollback()
            assert user_id is not None
            client.delete(f"{USERS}/{user_id}", headers=headers)
            restored, registered = race(
                [
                    partial(restore, client, user_id, headers),
                    partial(register, client, email),
                ]
            )
        outcomes[restored, registered] += 1
        assert living_with(committed, email) == 1

    assert set(outcomes) <= {(200, 409), (409, 201)}, outcomes


def test_of_two_closed_accounts_with_one_address_one_is_restored(
    url: str, committed: Session, root: Account
) -> None:
    for number in range(ROUNDS):
        email = f"twin{number}@example.com"
        twins = []
        for _ in range(2):
            twin = add_user(committed, "none", email=email)
            close_long_ago(committed, twin.id, ago=MINUTE)
            twins.append(twin.id)
        with racing_client(url, 2) as client:
            headers = log_in_over_http(client, root.email)
            answers = race([partial(restore, client, twin, headers) for twin in twins])

        assert sorted(answers) == [200, 409]
        assert living_with(committed, email) == 1
