"""The devices that an account knows, as its owner and admins see them."""

from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, bearer, log_in
from support.answers import assert_problem, verdict
from support.paths import DEVICES, LOGIN, SESSIONS, USERS
from support.rows import UNKNOWN_ID, add_device_row
from userapi.kit.clock import timestamp, utc_now

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)


def devices_in(answer: Any) -> list[dict[str, Any]]:
    devices: list[dict[str, Any]] = answer.get_json()["devices"]
    return devices


def add_known_device(session: Session, user_id: int, name: str, **columns: Any) -> str:
    """Commit a device that is known for another day; return its id."""
    ends = {"expires_at": utc_now() + timedelta(days=1)}
    return str(add_device_row(session, user_id, **{"token_hash": name, **ends, **columns}))


def test_a_device_tells_when_and_from_where_it_was_used(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    now = utc_now()
    times = {
        "created_at": now - timedelta(days=3),
        "last_used_at": now - timedelta(days=1),
        "expires_at": now + timedelta(days=89),
    }
    added = add_known_device(
        db_session, user.id, "phone", address="2001:db8::7", user_agent=CHROME, **times
    )

    (found,) = devices_in(client.get(DEVICES, headers=auth_headers))

    assert found == {
        "id": added,
        **{name: timestamp(time) for name, time in times.items()},
        "address": "2001:db8::7",
        "user_agent": "Chrome 120 on Linux",
        "current": False,
    }


def test_of_a_device_from_before_it_is_not_known_where_it_was_used(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    add_known_device(db_session, user.id, "phone")

    (found,) = devices_in(client.get(DEVICES, headers=auth_headers))

    assert (found["address"], found["user_agent"]) == (None, None)


def test_a_login_makes_its_device_known_and_current(client: FlaskClient, user: Account) -> None:
    log_in(client, user)
    client.environ_base["HTTP_USER_AGENT"] = CHROME
    headers = log_in(client, user)

    found = devices_in(client.get(DEVICES, headers=headers))

    assert [device["current"] for device in found] == [True, False]
    assert (found[0]["address"], found[0]["user_agent"]) == ("127.0.0.1", "Chrome 120 on Linux")


def test_the_next_login_from_a_device_tells_where_it_is_now(
    client: FlaskClient, user: Account
) -> None:
    login = {"email": user.email, "password": PASSWORD}
    token = client.post(LOGIN, json=login).get_json()["device_token"]
    again = client.post(
        LOGIN,
        json={**login, "device_token": token},
        headers={"User-Agent": CHROME},
        environ_base={"REMOTE_ADDR": "192.0.2.9"},
    )

    headers = bearer(again.get_json()["access_token"])
    (found,) = devices_in(client.get(DEVICES, headers=headers))

    assert (found["address"], found["user_agent"]) == ("192.0.2.9", "Chrome 120 on Linux")
    assert found["current"]


def test_the_device_that_was_used_last_comes_first(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    now = utc_now()
    ids = [
        add_known_device(db_session, user.id, str(hours), last_used_at=now - timedelta(hours=hours))
        for hours in (5, 2, 9)
    ]

    found = devices_in(client.get(DEVICES, headers=auth_headers))

    assert [device["id"] for device in found] == [ids[1], ids[0], ids[2]]


def test_devices_that_have_expired_are_not_listed(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    add_known_device(db_session, user.id, "old", expires_at=utc_now() - timedelta(seconds=1))

    assert devices_in(client.get(DEVICES, headers=auth_headers)) == []


def test_the_devices_of_others_are_not_listed(
    client: FlaskClient, db_session: Session, other_user: Account, auth_headers: Headers
) -> None:
    add_known_device(db_session, other_user.id, "phone")

    assert devices_in(client.get(DEVICES, headers=auth_headers)) == []


def test_ending_all_other_sessions_forgets_all_other_devices(
    client: FlaskClient, user: Account
) -> None:
    log_in(client, user)
    headers = log_in(client, user)

    client.delete(SESSIONS, headers=headers)

    assert [it["current"] for it in devices_in(client.get(DEVICES, headers=headers))] == [True]


def test_an_admin_lists_the_devices_of_a_user(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    own = devices_in(client.get(DEVICES, headers=log_in(client, user)))

    found = devices_in(client.get(f"{user.path}/devices", headers=admin_headers))

    assert found == [{**own[0], "current": False}]


@pytest.mark.any_database
def test_a_user_may_not_even_ask_there_for_their_own(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.get(f"{user.path}/devices", headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")


@pytest.mark.any_database
def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.get(f"{USERS}/{UNKNOWN_ID}/devices", headers=admin_headers)

    assert_problem(answer, 404, "user-not-found")
