"""Admins who take each other's rights at the same moment: one active admin always remains."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from itertools import permutations

import httpx
import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, add_user
from support.paths import ME
from support.races import ROLE_ROUNDS, ROUNDS, log_in_over_http, race, racing_client
from support.rows import active_admins
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.users.models import User

pytestmark = pytest.mark.race

MANY = 5
REFUSED = {401, 403, 409}
"""Its session had ended, it was no admin any more, or the other one was the last."""

Removal = Callable[[httpx.Client, Account, Headers], int]


def demote(client: httpx.Client, account: Account, headers: Headers) -> int:
    return client.put(f"{account.path}/role", json={"role": "user"}, headers=headers).status_code


def deactivate(client: httpx.Client, account: Account, headers: Headers) -> int:
    return client.patch(account.path, json={"is_active": False}, headers=headers).status_code


def delete(client: httpx.Client, account: Account, headers: Headers) -> int:
    return client.delete(account.path, headers=headers).status_code


def leave(client: httpx.Client, account: Account, headers: Headers) -> int:
    """Have whoever has these headers close the own account."""
    del account
    closing = {"password": PASSWORD}
    return client.post(f"{ME}/close", json=closing, headers=headers).status_code


@pytest.fixture
def admins(committed: Session, settings: Settings) -> list[Account]:
    """Several accounts that can log in, all of them administrators."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    made = [
        add_user(committed, hashed, email=f"admin{number}@example.com", role=Role.ADMIN)
        for number in range(MANY)
    ]
    committed.rollback()  # whoever has only looked holds SQLite's lock too
    return made


def make_admins(session: Session, accounts: list[Account]) -> None:
    """Make those accounts active admins again, and all others ordinary users."""
    chosen = User.id.in_([account.id for account in accounts])
    session.execute(update(User).values(role=Role.USER))
    restored = {"role": Role.ADMIN, "is_active": True, "deleted_at": None}
    session.execute(update(User).where(chosen).values(**restored))
    session.commit()


def test_two_admins_who_demote_each_other_leave_one(
    url: str, committed: Session, admins: list[Account]
) -> None:
    first, second = pair = admins[:2]
    for _ in range(ROLE_ROUNDS):
        make_admins(committed, pair)
        with racing_client(url, 2) as client:
            headers = [log_in_over_http(client, admin.email) for admin in pair]
            answers = Counter(
                race(
                    [
                        partial(demote, client, second, headers[0]),
                        partial(demote, client, first, headers[1]),
                    ]
                )
            )

        # The loser is refused: as the last admin, or as no admin any more.
        assert answers[200] == 1
        assert answers[409] + answers[403] == 1
        assert active_admins(committed) == 1


@pytest.mark.parametrize("removal", [deactivate, delete], ids=lambda it: it.__name__)
def test_an_admin_who_demotes_and_one_who_removes_leave_one(
    url: str, committed: Session, admins: list[Account], removal: Removal
) -> None:
    first, second = pair = admins[:2]
    for _ in range(ROUNDS):
        make_admins(committed, pair)
        with racing_client(url, 2) as client:
            headers = [log_in_over_http(client, admin.email) for admin in pair]
            answers = race(
                [
                    partial(demote, client, second, headers[0]),
                    partial(removal, client, first, headers[1]),
                ]
            )

        assert sorted(status in REFUSED for status in answers) == [False, True], answers
        assert set(answers) - REFUSED <= {200, 204}, answers
        assert active_admins(committed) == 1


@pytest.mark.parametrize("removal", [leave, demote, delete], ids=lambda it: it.__name__)
def test_an_admin_who_leaves_and_one_who_leaves_or_removes_leave_one(
    url: str, committed: Session, admins: list[Account], removal: Removal
) -> None:
    pair = admins[:2]
    for _ in range(ROUNDS):
        make_admins(committed, pair)
        with racing_client(url, 2) as client:
            headers = [log_in_over_http(client, admin.email) for admin in pair]
            answers = race(
                [
                    partial(leave, client, pair[0], headers[0]),
                    partial(removal, client, pair[0], headers[1]),
                ]
            )

        # Whoever is removed while it leaves is gone either way.
        assert set(answers) <= REFUSED | {200, 204, 404}, answers
        assert active_admins(committed) == 1


def test_many_admins_who_demote_all_others_leave_one(
    url: str, committed: Session, admins: list[Account]
) -> None:
    pairs = list(permutations(range(MANY), 2))
    for _ in range(ROUNDS):
        make_admins(committed, admins)
        with racing_client(url, len(pairs)) as client:
            headers = [log_in_over_http(client, admin.email) for admin in admins]
            answers = race(
                [partial(demote, client, admins[other], headers[own]) for own, other in pairs]
            )

        assert set(answers) <= {200, 403, 409}, answers
        assert active_admins(committed) == 1
