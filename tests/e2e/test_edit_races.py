"""Edits that race each other: `If-Match` lets one of many through, without it all are made.

Each round has a client of its own: a connection that idles as long as the server allows may be
closed at the moment it is used again.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import httpx
import pytest
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from posts.samples import POSTS, add_post_row
from support.accounts import PASSWORD, Headers, add_user
from support.paths import USERS
from support.races import ROUNDS, log_in_over_http, race, racing_client
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.features import metadata
from userapi.kit.passwords import PasswordHasher

pytestmark = pytest.mark.race

PARALLEL = 100
DELETIONS = 10


@dataclass(frozen=True)
class Target:
    """A row that is edited, where the API has it, and the field that is edited."""

    table: Table
    row_id: int
    path: str
    field: str

    def row(self, session: Session) -> tuple[int, str] | None:
        """Return the version and the field as they are now; None without a row."""
        columns = (self.table.c.version, self.table.c[self.field])
        row = session.execute(select(*columns).where(self.table.c.id == self.row_id)).one_or_none()
        session.rollback()
        return None if row is None else (row[0], row[1])


@pytest.fixture
def user_id(committed: Session, settings: Settings) -> int:
    """Who edits, and is edited."""
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    account = add_user(committed, hashed, email="ada@example.com")
    committed.rollback()  # whoever has only looked holds SQLite's lock too
    return account.id


def user_target(user_id: int) -> Target:
    return Target(metadata.tables["users"], user_id, f"{USERS}/{user_id}", "first_name")


def post_target(committed: Session, user_id: int) -> Target:
    post_id = add_post_row(committed, user_id)
    return Target(metadata.tables["posts"], post_id, f"{POSTS}/{post_id}", "title")


@pytest.fixture(params=["user", "post"])
def target(request: pytest.FixtureRequest, committed: Session, user_id: int) -> Target:
    """A user, and a post of theirs."""
    return user_target(user_id) if request.param == "user" else post_target(committed, user_id)


def test_one_of_many_edits_of_a_version_is_made(
    url: str, committed: Session, target: Target
) -> None:
    for number in range(ROUNDS):
        texts = texts_of(number)
        with racing_client(url, PARALLEL) as client:
            headers = log_in_over_http(client, "ada@example.com")
            tag = client.get(target.path, headers=headers).headers["ETag"]

            statuses = race(
                [patch(client, target, text, {**headers, "If-Match": tag}) for text in texts]
            )

        assert Counter(statuses) == Counter({200: 1, 412: PARALLEL - 1})
        assert target.row(committed) == (number + 2, texts[statuses.index(200)])


def test_without_a_condition_every_edit_is_made(
    url: str, committed: Session, target: Target
) -> None:
    for number in range(ROUNDS):
        texts = texts_of(number)
        with racing_client(url, PARALLEL) as client:
            headers = log_in_over_http(client, "ada@example.com")

            statuses = race([patch(client, target, text, headers) for text in texts])

        assert Counter(statuses) == Counter({200: PARALLEL})
        version, text = target.row(committed) or (None, None)
        assert version == 1 + PARALLEL * (number + 1)
        assert text in texts


def test_one_of_many_edits_and_deletions_of_a_version_is_made(
    url: str, committed: Session, user_id: int
) -> None:
    for _ in range(ROUNDS):
        target = post_target(committed, user_id)
        with racing_client(url, 2 * DELETIONS) as client:
            headers = log_in_over_http(client, "ada@example.com")
            condition = {**headers, "If-Match": f'"{target.row_id}-1"'}
            edit = patch(client, target, "Edited", condition)

            statuses = Counter(race([edit, delete(client, target, condition)] * DELETIONS))

        # Who comes after a deletion finds nothing, after an edit another version.
        if target.row(committed) is None:
            assert statuses == Counter({204: 1, 404: 2 * DELETIONS - 1})
        else:
            assert statuses == Counter({200: 1, 412: 2 * DELETIONS - 1})
            assert target.row(committed) == (2, "Edited")


def texts_of(number: int) -> list[str]:
    """Return texts that no other round has."""
    return [f"Round {number}, edit {edit}" for edit in range(PARALLEL)]


def patch(client: httpx.Client, target: Target, text: str, headers: Headers) -> Callable[[], int]:
    body = {target.field: text}
    return lambda: client.patch(target.path, json=body, headers=headers).status_code


def delete(client: httpx.Client, target: Target, headers: Headers) -> Callable[[], int]:
    return lambda: client.delete(target.path, headers=headers).status_code
