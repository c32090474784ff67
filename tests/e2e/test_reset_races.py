"""One link, followed by many at the same moment: exactly one of them succeeds.

`make races` runs 100 rounds on each database, `make test` a few.
"""

from collections import Counter
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import add_user
from support.paths import LOGIN, PASSWORD_RESET
from support.races import race, racing_client, scaled
from support.reset_links import add_reset_token
from userapi.audit.models import AuditEvent
from userapi.passwords.events import PasswordEvent

pytestmark = pytest.mark.race

PARALLEL = 50
ROUNDS = scaled(100)


def follow(client: httpx.Client, token: str, number: int) -> int:
    body = {"token": token, "new_password": f"enigma bombe {number}"}
    return client.post(PASSWORD_RESET, json=body).status_code


def winner_of(client: httpx.Client, email: str) -> list[int]:
    """Return the numbers of those whose password logs in."""
    logins = ({"email": email, "password": f"enigma bombe {it}"} for it in range(PARALLEL))
    statuses = [client.post(LOGIN, json=login).status_code for login in logins]
    return [number for number, status in enumerate(statuses) if status == 200]


def test_s8_of_many_uses_of_one_link_exactly_one_succeeds(
    url: str, committed: Session, password_hash: str
) -> None:
    for number in range(ROUNDS):
        user = add_user(committed, password_hash, email=f"user{number}@example.com")
        token = add_reset_token(committed, user.id)
        committed.rollback()  # whoever has only looked holds SQLite's lock too
        with racing_client(url, PARALLEL) as client:
            statuses = race([partial(follow, client, token, it) for it in range(PARALLEL)])

            # Some may find no place to be hashed in: 503.
            assert Counter(statuses)[204] == 1, Counter(statuses)
            assert set(statuses) <= {204, 403, 503}
            assert winner_of(client, user.email) == [statuses.index(204)]

    resets = select(func.count()).where(AuditEvent.event == PasswordEvent.RESET)
    assert committed.scalar(resets) == ROUNDS
