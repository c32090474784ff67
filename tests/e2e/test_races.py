"""Races between real processes, on really committed data.

`make test` runs a few rounds of each, `make races` the full counts.
"""

from collections import Counter
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Headers, add_user
from support.paths import USERS
from support.races import ROUNDS, log_in_over_http, race, racing_client
from support.rows import active_admins
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.users.models import User

pytestmark = pytest.mark.race

PARALLEL = 50


def test_one_of_many_registrations_of_an_address_wins(url: str, committed: Session) -> None:
    with racing_client(url, PARALLEL) as client:
        for number in range(ROUNDS):
            spellings = [f"race{number}@example.com", f"RACE{number}@Example.COM"]
            answers = Counter(
                race([partial(register, client, spellings[i % 2]) for i in range(PARALLEL)])
            )

            assert answers == Counter({201: 1, 409: PARALLEL - 1})
            assert rows_with(committed, spellings[0]) == 1


def test_two_admins_who_deactivate_each_other_leave_one(
    url: str, committed: Session, settings: Settings
) -> None:
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    admins = [
        add_user(committed, hashed, email=f"admin{n}@example.com", role=Role.ADMIN) for n in (1, 2)
    ]
    with racing_client(url, PARALLEL) as client:
        for _ in range(ROUNDS):
            committed.execute(update(User).values(is_active=True))
            committed.commit()
            first, second = (log_in_over_http(client, admin.email) for admin in admins)
            answers = Counter(
                race(
                    [
                        partial(deactivate, client, admins[1].id, first),
                        partial(deactivate, client, admins[0].id, second),
                    ]
                )
            )

            # The loser is refused: as the last admin, or because its session had ended already.
            assert answers[200] == 1
            assert answers[409] + answers[401] == 1
            assert active_admins(committed) == 1


def register(client: httpx.Client, email: str) -> int:
    body = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Lovelace"}
    return client.post(USERS, json=body).status_code


def deactivate(client: httpx.Client, user_id: int, headers: Headers) -> int:
    answer = client.patch(f"{USERS}/{user_id}", json={"is_active": False}, headers=headers)
    return answer.status_code


def rows_with(session: Session, email: str) -> int:
    counted = select(func.count()).where(func.lower(User.email) == email)
    found = session.scalar(counted) or 0
    session.rollback()
    return found
