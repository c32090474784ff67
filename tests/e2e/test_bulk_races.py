"""Many users are changed at once while others change them one by one, or many at once too."""

from collections import Counter
from functools import partial
from itertools import cycle

import httpx
import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, add_user
from support.paths import USERS
from support.races import ROUNDS, log_in_over_http, race, racing_client, scaled
from support.rows import NOON, active_admins, add_user_row
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role
from userapi.stats.models import StatsSnapshot
from userapi.users.models import User

pytestmark = pytest.mark.race

BULK = f"{USERS}/bulk-update"
STATS = "/api/v1/admin/stats"
PARALLEL = 20 if ROUNDS == 1 else 50


@pytest.fixture
def admins(committed: Session, settings: Settings) -> list[Account]:
    """Two accounts that can log in, both administrators."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    made = [
        add_user(committed, hashed, email=f"admin{number}@example.com", role=Role.ADMIN)
        for number in range(2)
    ]
    committed.rollback()
    return made


def bulk(
    client: httpx.Client, headers: Headers, wanted: dict[str, object], change: dict[str, object]
) -> int:
    body = {"filter": wanted, "change": change}
    return client.post(BULK, json=body, headers=headers).status_code


def rename(client: httpx.Client, headers: Headers, user_id: int) -> int:
    body = {"first_name": f"Ada{user_id}", "is_active": True}
    return client.patch(f"{USERS}/{user_id}", json=body, headers=headers).status_code


def test_two_bulk_changes_that_demote_the_other_admin_leave_one(
    url: str, committed: Session, admins: list[Account]
) -> None:
    first, second = admins
    for number in range(4 * ROUNDS):
        is_role = number % 2
        change: dict[str, object] = {"role": "user"} if is_role else {"is_active": False}
        committed.execute(update(User).values(role=Role.ADMIN, is_active=True))
        committed.commit()
        with racing_client(url, 2) as client:
            headers = [log_in_over_http(client, admin.email) for admin in admins]
            answers = Counter(
                race(
                    [
                        partial(bulk, client, headers[0], {"ids": [second.id]}, change),
                        partial(bulk, client, headers[1], {"ids": [first.id]}, change),
                    ]
                )
            )

        assert answers[200] == 1, answers
        assert set(answers) <= {200, 401, 403, 409}
        assert active_admins(committed) == 1


def test_bulk_changes_and_single_ones_wait_for_each_other_without_an_end(
    url: str, committed: Session, admins: list[Account]
) -> None:
    ids = [add_user_row(committed, f"m{number}@example.com") for number in range(30)]
    members: dict[str, object] = {"role": "user"}
    backwards: dict[str, object] = {"ids": ids[::-1]}
    with racing_client(url, PARALLEL) as client:
        headers = [log_in_over_http(client, admin.email) for admin in admins]
        for _ in range(scaled(10)):
            many = [
                partial(bulk, client, headers[0], members, {"is_active": False}),
                partial(bulk, client, headers[1], backwards, {"is_active": False}),
                partial(bulk, client, headers[1], backwards, {"is_active": True}),
                partial(bulk, client, headers[0], {"ids": ids}, {"role": "moderator"}),
                partial(bulk, client, headers[1], {"ids": ids}, {"role": "user"}),
            ]
            single = [
                partial(rename, client, caller, user_id)
                for caller, user_id in zip(
                    cycle(headers), (ids * 2)[: PARALLEL - len(many)], strict=False
                )
            ]
            actions = [*many, *single]
            assert Counter(race(actions)) == {200: PARALLEL}

    rows = committed.execute(select(User.id, User.version).where(User.id.in_(ids))).all()
    events = Counter(
        committed.scalars(select(AuditEvent.subject_id).where(AuditEvent.subject_id.in_(ids)))
    )
    # Each version is a change of which somebody was told.
    assert {user_id: version - 1 for user_id, version in rows} == {
        user_id: events[user_id] for user_id in ids
    }


def test_of_many_who_ask_for_old_figures_one_counts_anew(
    url: str, committed: Session, admins: list[Account]
) -> None:
    with racing_client(url, PARALLEL) as client:
        headers = log_in_over_http(client, admins[0].email)
        assert client.get(STATS, headers=headers).status_code == 200
        committed.execute(update(StatsSnapshot).values(taken_at=NOON.replace(year=2020)))
        committed.commit()

        answers = race([partial(client.get, STATS, headers=headers)] * PARALLEL)

    assert {answer.status_code for answer in answers} == {200}
    taken = {answer.json()["as_of"] for answer in answers}
    assert len({it for it in taken if not it.startswith("2020")}) == 1
