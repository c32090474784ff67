"""Uses of a session that race its end: once the end is answered, none succeeds in any process.

`make races` runs 1,000 rounds on each database, `make test` a twentieth or a little more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import httpx
import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, Login, add_user
from support.paths import LOGOUT, ME, PASSWORD_CHANGE, PASSWORD_RESET, REFRESH, SESSIONS
from support.races import (
    PROCESSES,
    log_in_over_http,
    login_in,
    open_login_over_http,
    race,
    racing_client,
    scaled,
)
from support.reset_links import add_reset_token
from support.tokens import claims_of
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Role

pytestmark = pytest.mark.race

USES = 5  # of each kind, one after another
ROUNDS = scaled(1000)
ADMIN = "root@example.com"


Use = Callable[[httpx.Client, Login], httpx.Response]


@dataclass
class Round:
    """A login that is used while it is ended; what was answered, and when."""

    client: httpx.Client
    user: Account
    admin: Headers
    login: Login
    token: str
    ended_at: float = 0.0
    uses: list[tuple[float, int]] = field(default_factory=list)
    descendants: list[Login] = field(default_factory=list)

    def end(self, ending: "Ending") -> None:
        assert ending(self).status_code in (200, 202, 204)
        self.ended_at = time.monotonic()

    def read(self) -> None:
        for _ in range(USES):
            self._use(read, self.login)

    def refresh(self) -> None:
        """Refresh again and again, as one client does that keeps what it gets."""
        newest = self.login
        for _ in range(USES):
            answer = self._use(refresh, newest)
            if answer.status_code == 200:
                newest = login_in(answer)
                self.descendants.append(newest)

    def _use(self, use: Use, login: Login) -> httpx.Response:
        began = time.monotonic()
        answer = use(self.client, login)
        self.uses.append((began, answer.status_code))
        return answer

    def statuses_afterwards(self) -> set[int]:
        """Return how each token that there ever was is answered by the processes."""
        logins = [self.login, *self.descendants]
        checks = [partial(use, self.client, login) for login in logins for use in (read, refresh)]
        return {answer.status_code for answer in race(checks * PROCESSES)}


Ending = Callable[[Round], httpx.Response]


def read(client: httpx.Client, login: Login) -> httpx.Response:
    return client.get(ME, headers=login.access)


def refresh(client: httpx.Client, login: Login) -> httpx.Response:
    return client.post(REFRESH, headers=login.refresh)


def log_out(it: Round) -> httpx.Response:
    return it.client.post(LOGOUT, headers=it.login.access)


def revoke(it: Round) -> httpx.Response:
    session_id = claims_of(it.login.access["Authorization"].removeprefix("Bearer "))["sid"]
    return it.client.delete(f"{SESSIONS}/{session_id}", headers=it.login.access)


def revoke_as_admin(it: Round) -> httpx.Response:
    return it.client.delete(f"{it.user.path}/sessions", headers=it.admin)


def deactivate(it: Round) -> httpx.Response:
    return it.client.patch(it.user.path, json={"is_active": False}, headers=it.admin)


def delete(it: Round) -> httpx.Response:
    return it.client.delete(it.user.path, headers=it.admin)


def void_the_password(it: Round) -> httpx.Response:
    return it.client.post(f"{it.user.path}/password-reset", headers=it.admin)


def reset_the_password(it: Round) -> httpx.Response:
    return it.client.post(PASSWORD_RESET, json={"token": it.token, "new_password": "enigma bombe"})


def change_the_password(it: Round) -> httpx.Response:
    """Change it from another session, which goes on."""
    own = log_in_over_http(it.client, it.user.email)
    change = {"current_password": PASSWORD, "new_password": "enigma bombe"}
    return it.client.post(PASSWORD_CHANGE, json=change, headers=own)


ENDINGS = (
    log_out,
    revoke,
    revoke_as_admin,
    deactivate,
    delete,
    void_the_password,
    reset_the_password,
    change_the_password,
)


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_use_succeeds_after_the_end_is_answered(
    url: str,
    committed: Session,
    settings: Settings,
    ending: Ending,
) -> None:
    hashed = PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)
    add_user(committed, hashed, email=ADMIN, role=Role.ADMIN)
    for number in range(ROUNDS // len(ENDINGS)):
        user = add_user(committed, hashed, email=f"user{number}@example.com")
        token = add_reset_token(committed, user.id)
        committed.rollback()  # whoever has only looked holds SQLite's lock too
        with racing_client(url, 40) as client:
            admin = log_in_over_http(client, ADMIN)
            it = Round(client, user, admin, open_login_over_http(client, user.email), token)

            actions: list[Callable[[], None]] = [partial(it.end, ending), it.refresh]
            race([*actions, *[it.read] * 4])

            late = {status for began, status in it.uses if began > it.ended_at}
            assert late <= {401}
            assert {status for _, status in it.uses} <= {200, 401}
            assert it.statuses_afterwards() == {401}
