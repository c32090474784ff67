"""S12: a session that was ended goes on somewhere, for some credential.

As in CVE-2025-29928. The events are those that end a session, the credentials those that a
login is answered with; the event happens in one process, the use in another.
"""

from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, REGISTRATION, Headers, add_user, bearer
from support.databases import Server, engine_on
from support.paths import LOGIN, LOGOUT, ME, REFRESH, SESSIONS, USERS
from support.processes import client_of, live_server
from support.tokens import claims_of
from userapi.kit.principal import Role
from web.callers import cases

pytestmark = pytest.mark.any_database

Event = Callable[[httpx.Client, str, Headers, Headers], httpx.Response]
"""What ends a session: done by a client to a user's path, with the user's and an admin's token."""

EVENTS: dict[str, Event] = {
    "logout": lambda client, _, own, __: client.post(LOGOUT, headers=own),
    "revocation": lambda client, _, own, __: client.delete(
        f"{SESSIONS}/{session_of(own)}", headers=own
    ),
    "admins-revocation": lambda client, path, _, admins: client.delete(
        f"{path}/sessions", headers=admins
    ),
    "deactivation": lambda client, path, _, admins: client.patch(
        path, json={"is_active": False}, headers=admins
    ),
    "deletion": lambda client, path, _, admins: client.delete(path, headers=admins),
    "void-password": lambda client, path, _, admins: client.post(
        f"{path}/password-reset", headers=admins
    ),
}


def session_of(headers: Headers) -> str:
    """Return the id of the session that an access token names."""
    return str(claims_of(headers["Authorization"].removeprefix("Bearer "))["sid"])


USES: dict[str, tuple[str, str]] = {"access": ("GET", ME), "refresh": ("POST", REFRESH)}


@pytest.fixture(scope="module")
def processes(
    server: Server, template_url: str, password_hash: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[httpx.Client, httpx.Client]]:
    """Clients of two servers on one database, in which there is an admin."""
    folder = tmp_path_factory.mktemp("processes")
    with server.copy_of(template_url) as database_url:
        with engine_on(database_url) as engine, Session(engine) as session:
            add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)
        with (
            live_server(database_url, folder) as one_url,
            live_server(database_url, folder) as other_url,
            client_of(one_url) as one,
            client_of(other_url) as other,
        ):
            yield one, other


def log_in(client: httpx.Client, email: str) -> dict[str, Headers]:
    """Log in and return the headers that each credential makes."""
    tokens = client.post(LOGIN, json={"email": email, "password": PASSWORD}).json()
    return {"access": bearer(tokens["access_token"]), "refresh": bearer(tokens["refresh_token"])}


@pytest.mark.parametrize("credential", USES)
@cases(EVENTS)
def test_s12_no_credential_survives_the_end_of_its_session_in_any_process(
    processes: tuple[httpx.Client, httpx.Client],
    request: pytest.FixtureRequest,
    case: Event,
    credential: str,
) -> None:
    here, there = processes
    email = f"{request.node.callspec.id}@example.com"
    body = REGISTRATION | {"email": email, "password": PASSWORD}
    path = here.post(USERS, json=body).headers["Location"]
    headers = log_in(there, email)
    admins = log_in(here, "root@example.com")["access"]
    alive = there.get(ME, headers=headers["access"]).status_code

    ended = case(here, path, headers["access"], admins)

    method, use = USES[credential]
    uses = [it.request(method, use, headers=headers[credential]) for it in (there, here)]
    assert (alive, ended.is_success) == (200, True)
    assert [answer.status_code for answer in uses] == [401, 401]
