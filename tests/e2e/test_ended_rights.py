"""Rights that end while they are used: afterwards there is no effect, and nobody waits in a ring.

`make races` runs 1,000 rounds over the four kinds of end together, `make test` a few.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Account, Headers, Login, add_user
from support.paths import REFRESH
from support.races import open_login_over_http, race, racing_client, scaled
from support.rows import column_of
from support.sockets import connection_to, raw_answer
from support.tokens import claims_of
from userapi.audit.models import AuditEvent
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role

pytestmark = pytest.mark.race

ROUNDS = scaled(1000)
DEADLOCK_ROUNDS = scaled(50)
EFFECTS = 4


@dataclass(frozen=True)
class People:
    """An admin who ends, another whose rights are ended, and somebody to have an effect on."""

    root: Account
    ended: Account
    accomplice: Account


@dataclass(frozen=True)
class Scene:
    """People who are logged in."""

    people: People
    root: Headers
    login: Login


def put_role(client: httpx.Client, account: Account, role: str, headers: Headers) -> httpx.Response:
    return client.put(f"{account.path}/role", json={"role": role}, headers=headers)


def revoke(client: httpx.Client, it: Scene) -> httpx.Response:
    token = it.login.access["Authorization"].removeprefix("Bearer ")
    session_id = claims_of(token)["sid"]
    return client.delete(f"{it.people.ended.path}/sessions/{session_id}", headers=it.root)


def demote(client: httpx.Client, it: Scene) -> httpx.Response:
    return put_role(client, it.people.ended, "user", it.root)


def deactivate(client: httpx.Client, it: Scene) -> httpx.Response:
    return client.patch(it.people.ended.path, json={"is_active": False}, headers=it.root)


def delete(client: httpx.Client, it: Scene) -> httpx.Response:
    return client.delete(it.people.ended.path, headers=it.root)


End = Callable[[httpx.Client, Scene], httpx.Response]
ENDS = (revoke, demote, deactivate, delete)


@pytest.fixture
def hashed(settings: Settings) -> str:
    """The hash of everybody's password."""
    return PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)


def make_people(session: Session, hashed: str, number: int = 0) -> People:
    made = People(
        root=add_user(session, hashed, email=f"root{number}@example.com", role=Role.ADMIN),
        ended=add_user(session, hashed, email=f"ended{number}@example.com", role=Role.ADMIN),
        accomplice=add_user(session, hashed, email=f"accomplice{number}@example.com"),
    )
    session.rollback()  # whoever has only looked holds SQLite's lock too
    return made


def log_in(client: httpx.Client, people: People) -> Scene:
    root = open_login_over_http(client, people.root.email).access
    return Scene(people, root, open_login_over_http(client, people.ended.email))


def effects_of(session: Session, account: Account) -> list[int]:
    """Return the ids of the events of what that account did; holds no lock afterwards."""
    query = select(AuditEvent.id).where(AuditEvent.actor_id == account.id)
    found = list(session.scalars(query.order_by(AuditEvent.id)))
    session.rollback()
    return found


def last_event(session: Session) -> int:
    found = session.scalar(select(func.max(AuditEvent.id))) or 0
    session.rollback()
    return found


def end_once(end: End, client: httpx.Client, it: Scene) -> list[int]:
    return [end(client, it).status_code]


def change_roles(client: httpx.Client, it: Scene) -> list[int]:
    return [
        put_role(client, it.people.accomplice, role, it.login.access).status_code
        for role in ("moderator", "user") * (EFFECTS // 2)
    ]


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("effect", ["role", "post"])
def test_the_last_byte_comes_too_late(
    url: str, committed: Session, hashed: str, end: End, effect: str
) -> None:
    people = make_people(committed, hashed)
    target = ("PUT", f"{people.accomplice.path}/role", {"role": "admin"})
    method, path, body = target if effect == "role" else ("POST", POSTS, DRAFT)
    content = json.dumps(body).encode()
    with racing_client(url, 2) as client:
        scene = log_in(client, people)
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: api\r\nContent-Type: application/json\r\n"
            f"Authorization: {scene.login.access['Authorization']}\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        connection = connection_to(url)
        connection.sendall(head.encode() + content[:-1])
        assert end(client, scene).is_success
        before = last_event(committed)

        connection.sendall(content[-1:])
        answer = raw_answer(connection)

    # Whoever is demoted may still write posts.
    is_allowed = (end, effect) == (demote, "post")
    refusal = 403 if end is demote else 401
    assert answer.status == (201 if is_allowed else refusal)
    assert last_event(committed) == before + is_allowed
    assert column_of(committed, people.accomplice.id, "role") == Role.USER


@pytest.mark.parametrize("end", ENDS)
def test_no_effect_comes_after_the_end(url: str, committed: Session, hashed: str, end: End) -> None:
    for number in range(max(1, ROUNDS // len(ENDS))):
        people = make_people(committed, hashed, number)
        with racing_client(url, 20) as client:
            scene = log_in(client, people)
            before = last_event(committed)
            use = partial(change_roles, client, scene)
            uses, others, ended = race([use, use, partial(end_once, end, client, scene)])

        assert ended[0] in (200, 204)
        assert {*uses, *others} <= {200, 401, 403}
        (end_event,) = [it for it in effects_of(committed, people.root) if it > before]
        assert all(it < end_event for it in effects_of(committed, people.ended))


def test_nobody_waits_in_a_ring(url: str, committed: Session, hashed: str) -> None:
    people = make_people(committed, hashed)
    first, second = people.root, people.ended
    for _ in range(DEADLOCK_ROUNDS):
        with racing_client(url, 120) as client:
            scene = log_in(client, people)
            pair = [(second, scene.root), (first, scene.login.access)]
            changes: list[Callable[[], httpx.Response]] = [
                partial(
                    client.patch, other.path, json={"first_name": f"N{number}"}, headers=headers
                )
                for number in range(5)
                for other, headers in pair
            ]
            refresh = partial(client.post, REFRESH, headers=scene.login.refresh)
            own = [
                partial(
                    client.patch,
                    second.path,
                    json={"last_name": f"N{number}"},
                    headers=scene.login.access,
                )
                for number in range(50)
            ]
            actions: list[Callable[[], httpx.Response]] = [*changes, *[refresh] * 50, *own]
            answers = race(actions)

        assert {answer.status_code for answer in answers} == {200}
