"""S12: whatever ends somebody's access ends it for everything that they were ever handed.

Each way is walked over HTTP, with the mail read from a real server, while somebody who knows the
password has two sessions, a refreshed one, a device, links in the mailbox and a key of a request.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS
from support.accounts import PASSWORD, Account, Headers, bearer, log_in, register, try_login
from support.addresses import NEW, change_email, leave_unproven, prove, undo, verify
from support.mailbox import Mailbox
from support.paths import LOGIN, LOGOUT, ME, PASSWORD_CHANGE, REFRESH, SESSIONS
from support.reset_links import NEW_PASSWORD, forget, reset
from userapi.throttling.models import TrustedDevice

KEY = {"Idempotency-Key": "of-a-request-before"}


@dataclass(frozen=True)
class Scene:
    """An account, and who may do something about it."""

    client: FlaskClient
    session: Session
    mailbox: Mailbox
    account: Account
    admins: Headers

    def mailed_token(self, email: str) -> str:
        """Return the token of the latest mail to that address."""
        self.mailbox.deliver()
        return self.mailbox.last(to=email).token

    def with_other_address(self) -> "Scene":
        """Return the scene once the account has another address."""
        change_email(self.client, log_in(self.client, self.account))
        assert verify(self.client, self.mailed_token(NEW)).status_code == 200
        self.mailbox.deliver()
        return replace(self, account=Account(self.account.id, NEW))


Act = Callable[[], int]
"""What ends the access; its result is the status of the answer."""
Way = Callable[[Scene], tuple[Scene, Act]]
"""Arranges the scene, and returns what is to be done once somebody has got in."""


def change(scene: Scene) -> tuple[Scene, Act]:
    """The owner changes the password, in another session."""
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD}

    def act() -> int:
        headers = log_in(scene.client, scene.account)
        return scene.client.post(PASSWORD_CHANGE, json=body, headers=headers).status_code

    return scene, act


def mailed_reset(scene: Scene) -> tuple[Scene, Act]:
    """The owner has forgotten the password."""

    def act() -> int:
        forget(scene.client, scene.account.email)
        return reset(scene.client, scene.mailed_token(scene.account.email)).status_code

    return scene, act


def printed_reset(scene: Scene) -> tuple[Scene, Act]:
    """An operator hands over a link."""
    runner = scene.client.application.test_cli_runner()

    def act() -> int:
        printed = runner.invoke(args=["reset-password", scene.account.email]).stdout.strip()
        return reset(scene.client, printed.partition("#")[2]).status_code

    return scene, act


def by_admin(method: str, suffix: str = "", **body: object) -> Way:
    """Return the way of an admin who asks for that of the account."""

    def way(scene: Scene) -> tuple[Scene, Act]:
        path = scene.account.path + suffix

        def act() -> int:
            return scene.client.open(
                path, method=method, json=body or None, headers=scene.admins
            ).status_code

        return scene, act

    return way


def readdress(scene: Scene) -> tuple[Scene, Act]:
    """The owner proves another address."""

    def act() -> int:
        change_email(scene.client, log_in(scene.client, scene.account))
        return verify(scene.client, scene.mailed_token(NEW)).status_code

    return scene, act


def undoing(scene: Scene) -> tuple[Scene, Act]:
    """The owner of the old address undoes the change of somebody who knew the password."""
    changed = scene.with_other_address()
    token = scene.mailbox.last(to=scene.account.email).token
    return changed, lambda: undo(scene.client, token).status_code


def closing(scene: Scene) -> tuple[Scene, Act]:
    """The owner closes the account."""
    body = {"password": PASSWORD}

    def act() -> int:
        headers = log_in(scene.client, scene.account)
        return scene.client.post(f"{ME}/close", json=body, headers=headers).status_code

    return scene, act


def restoring(scene: Scene) -> tuple[Scene, Act]:
    """The account is closed and there again."""
    _, close = closing(scene)
    _, restore = by_admin("POST", "/restore")(scene)
    return scene, lambda: close() and restore()


def reactivating(scene: Scene) -> tuple[Scene, Act]:
    """The account is deactivated, and active again."""
    _, deactivate = by_admin("PATCH", is_active=False)(scene)
    _, activate = by_admin("PATCH", is_active=True)(scene)
    return scene, lambda: deactivate() and activate()


def replacing(scene: Scene) -> tuple[Scene, Act]:
    """Somebody else proves the address that this account never proved."""
    leave_unproven(scene.session, scene.account.id)

    def act() -> int:
        register(scene.client, email=scene.account.email)
        return verify(scene.client, scene.mailed_token(scene.account.email)).status_code

    return scene, act


WAYS: dict[str, Way] = {
    "password-change": change,
    "reset-by-mail": mailed_reset,
    "reset-by-operator": printed_reset,
    "password-void-by-admin": by_admin("POST", "/password-reset"),
    "address-change": readdress,
    "address-change-undone": undoing,
    "address-corrected-by-admin": by_admin("PUT", "/email", email="right@example.com"),
    "closed": closing,
    "deleted-by-admin": by_admin("DELETE"),
    "closed-and-restored": restoring,
    "deactivated": by_admin("PATCH", is_active=False),
    "deactivated-and-activated": reactivating,
    "replaced-by-a-proven-registration": replacing,
}
LINKS_STAY = {"deactivated", "deactivated-and-activated"}
"""The ways that concern neither password nor address: a link's proof is as good as before."""


@dataclass(frozen=True)
class Handed:
    """Everything that whoever knew the password was handed."""

    access: list[Headers]
    refresh: list[Headers]
    devices: set[object]
    reset_token: str
    change_token: str


def get_in(scene: Scene) -> Handed:
    """Log in twice, refresh once, send a request with a key, and ask for links."""
    client, email = scene.client, scene.account.email
    answers = [try_login(client, email).get_json() for _ in range(2)]
    old = bearer(answers[1]["refresh_token"])
    answers.append(client.post(REFRESH, headers=old).get_json())
    access = [bearer(it["access_token"]) for it in answers]
    created = client.post(POSTS, json=DRAFT, headers=access[0] | KEY)
    forget(client, email)
    reset_token = scene.mailed_token(email)
    change_email(client, access[0], "third@example.com")
    change_token = scene.mailed_token("third@example.com")
    assert created.status_code == 201
    assert {client.get(ME, headers=it).status_code for it in access} == {200}
    refresh = [bearer(it["refresh_token"]) for it in answers]
    return Handed(access, refresh, devices_of(scene), reset_token, change_token)


def devices_of(scene: Scene) -> set[object]:
    """Return the devices that the account is known to use."""
    query = select(TrustedDevice.id).where(TrustedDevice.user_id == scene.account.id)
    found = {*scene.session.scalars(query)}
    scene.session.commit()
    return found


@pytest.fixture
def scene(
    client: FlaskClient,
    db_session: Session,
    mailbox: Mailbox,
    user: Account,
    admin_headers: Headers,
) -> Scene:
    """An account with a proven address, and an admin."""
    prove(db_session, user.id)
    return Scene(client, db_session, mailbox, user, admin_headers)


@pytest.mark.parametrize("way", WAYS)
def test_s12_whatever_ends_access_leaves_nothing_that_works(scene: Scene, way: str) -> None:
    arranged, act = WAYS[way](scene)
    handed, client = get_in(arranged), arranged.client

    assert act() in (200, 202, 204)

    requests = [("GET", ME), ("GET", SESSIONS), ("GET", f"{ME}/export"), ("POST", POSTS)]
    uses = [
        *((method, path, it | KEY) for method, path in requests for it in handed.access),
        *(("POST", path, it) for path in (REFRESH, LOGOUT) for it in handed.refresh),
    ]
    answers = [
        client.open(path, method=method, headers=headers, json=DRAFT if path == POSTS else None)
        for method, path, headers in uses
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert handed.devices
    assert devices_of(arranged) & handed.devices == set()
    if way not in LINKS_STAY:
        assert reset(client, handed.reset_token, "guessed by nobody").status_code == 403
        assert verify(client, handed.change_token).status_code == 403


@pytest.mark.parametrize("link", ["reset_token", "change_token"])
def test_s12_no_link_lets_a_deactivated_user_in(scene: Scene, link: str) -> None:
    handed = get_in(scene)
    scene.client.patch(scene.account.path, json={"is_active": False}, headers=scene.admins)

    reset(scene.client, handed.reset_token) if link == "reset_token" else verify(
        scene.client, handed.change_token
    )

    addresses, passwords = (scene.account.email, "third@example.com"), (PASSWORD, NEW_PASSWORD)
    logins = [
        scene.client.post(LOGIN, json={"email": email, "password": password})
        for email in addresses
        for password in passwords
    ]
    assert {answer.status_code for answer in logins} == {401}
