import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers, Login, log_in, open_login, try_login
from support.answers import assert_problem, verdict
from support.paths import LOGOUT, SESSIONS, USERS
from support.rows import UNKNOWN_ID, add_session_row, set_columns
from support.tokens import claims_of
from userapi.kit.clock import timestamp, utc_now

pytestmark = pytest.mark.any_database

CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/120.0.0.0 Safari/537.36"
)


def add_live_session(session: Session, user_id: int, **columns: Any) -> uuid.UUID:
    """Commit a session that began a day ago and lives for another, with those columns."""
    now = utc_now()
    times = {"created_at": now - timedelta(days=1), "expires_at": now + timedelta(days=1)}
    return add_session_row(session, user_id, **{**times, **columns})


def ids_in(answer: Any) -> list[str]:
    return [session["id"] for session in answer.get_json()["sessions"]]


def test_a_session_tells_when_and_from_where_it_is_used(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    now = utc_now()
    session_id = add_live_session(
        db_session,
        user.id,
        created_at=now - timedelta(hours=3),
        last_used_at=now - timedelta(hours=1),
        expires_at=now + timedelta(hours=1),
        address="2001:db8::7",
        user_agent=CHROME,
    )

    (found,) = [
        session
        for session in client.get(SESSIONS, headers=log_in(client, user)).get_json()["sessions"]
        if session["id"] == str(session_id)
    ]

    assert found == {
        "id": str(session_id),
        "created_at": timestamp(now - timedelta(hours=3)),
        "last_used_at": timestamp(now - timedelta(hours=1)),
        "expires_at": timestamp(now + timedelta(hours=1)),
        "address": "2001:db8::7",
        "user_agent": "Chrome 120 on Linux",
        "current": False,
    }


def test_a_login_notes_where_it_comes_from(client: FlaskClient, user: Account) -> None:
    client.environ_base["HTTP_USER_AGENT"] = CHROME
    headers = log_in(client, user)

    (found,) = client.get(SESSIONS, headers=headers).get_json()["sessions"]

    assert (found["address"], found["user_agent"]) == ("127.0.0.1", "Chrome 120 on Linux")


def test_a_client_that_does_not_say_what_it_is_has_no_user_agent(
    client: FlaskClient, user: Account
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = ""
    headers = log_in(client, user)

    (found,) = client.get(SESSIONS, headers=headers).get_json()["sessions"]

    assert found["user_agent"] is None


def test_the_session_that_asks_is_the_current_one(client: FlaskClient, user: Account) -> None:
    open_login(client, user)
    token = try_login(client, user.email).get_json()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}

    sessions = client.get(SESSIONS, headers=headers).get_json()["sessions"]

    current = [session["id"] for session in sessions if session["current"]]
    assert (len(sessions), current) == (2, [claims_of(token)["sid"]])


def test_the_newest_session_comes_first(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    now = utc_now()
    ids = [
        add_live_session(db_session, user.id, created_at=now - timedelta(hours=hours))
        for hours in (5, 2, 9)
    ]

    found = ids_in(client.get(SESSIONS, headers=log_in(client, user)))

    assert found[1:] == [str(ids[1]), str(ids[0]), str(ids[2])]


@pytest.mark.parametrize(
    "columns",
    [{"revoked_at": utc_now()}, {"expires_at": utc_now() - timedelta(minutes=1)}],
    ids=["revoked", "expired"],
)
def test_a_session_that_is_over_is_not_listed(
    client: FlaskClient, db_session: Session, user: Account, columns: dict[str, Any]
) -> None:
    over = add_live_session(db_session, user.id, **columns)

    assert str(over) not in ids_in(client.get(SESSIONS, headers=log_in(client, user)))


def test_the_sessions_of_others_are_not_listed(
    client: FlaskClient, auth_headers: Headers, other_headers: Headers
) -> None:
    own = ids_in(client.get(SESSIONS, headers=auth_headers))
    others = ids_in(client.get(SESSIONS, headers=other_headers))

    assert (len(own), len(others)) == (1, 1)
    assert own != others


def test_the_newest_hundred_are_listed(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(101):
        add_live_session(db_session, user.id)
    headers = log_in(client, user)

    sessions = client.get(SESSIONS, headers=headers).get_json()["sessions"]

    assert len(sessions) == 100
    assert sessions[0]["current"]


def test_a_list_in_pages_is_walked_to_its_end_and_back(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(4):
        add_live_session(db_session, user.id)
    headers = log_in(client, user)
    whole = client.get(SESSIONS, headers=headers)

    first = page = client.get(f"{SESSIONS}?per_page=2&total=none", headers=headers)
    read = ids_in(page)
    while cursor := page.get_json()["next"]:
        page = client.get(f"{SESSIONS}?per_page=2&cursor={cursor}", headers=headers)
        read += ids_in(page)
    while cursor := page.get_json()["prev"]:
        page = client.get(f"{SESSIONS}?per_page=2&cursor={cursor}", headers=headers)

    assert (len(read), read) == (5, ids_in(whole))
    assert ids_in(page) == ids_in(first)
    assert 'rel="next"' in page.headers["Link"]


def test_a_list_tells_how_many_there_are(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    for _ in range(2):
        add_live_session(db_session, user.id)
    headers = log_in(client, user)

    answers = [client.get(f"{SESSIONS}{query}", headers=headers) for query in ("", "?per_page=1")]

    told = [[answer.get_json()[name] for name in ("total", "pages")] for answer in answers]
    assert told == [[3, 1], [3, 3]]


def test_the_place_of_a_foreign_session_leads_to_none_of_theirs(
    client: FlaskClient, auth_headers: Headers, other_user: Account
) -> None:
    other_headers = log_in(client, other_user)
    log_in(client, other_user)
    answer = client.get(f"{SESSIONS}?per_page=1", headers=other_headers)
    cursor = answer.get_json()["next"]

    found = client.get(f"{SESSIONS}?cursor={cursor}", headers=auth_headers)

    own = ids_in(client.get(SESSIONS, headers=auth_headers))
    assert set(ids_in(found)) <= set(own)


def test_after_a_logout_nothing_is_listed(client: FlaskClient, login: Login) -> None:
    client.post(LOGOUT, headers=login.access)

    assert verdict(client.get(SESSIONS, headers=login.access)) == (401, "session-ended")


def test_an_admin_lists_the_sessions_of_a_user(
    client: FlaskClient, user: Account, auth_headers: Headers, admin_headers: Headers
) -> None:
    answer = client.get(f"{user.path}/sessions", headers=admin_headers)

    assert ids_in(answer) == ids_in(client.get(SESSIONS, headers=auth_headers))
    assert [session["current"] for session in answer.get_json()["sessions"]] == [False]


def test_a_user_may_not_even_ask_there_for_their_own(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.get(f"{user.path}/sessions", headers=auth_headers)

    assert verdict(answer) == (403, "not-allowed")


def test_a_user_without_sessions_has_an_empty_list(
    client: FlaskClient, user: Account, admin_headers: Headers
) -> None:
    answer = client.get(f"{user.path}/sessions", headers=admin_headers)

    assert (answer.get_json()["sessions"], answer.get_json()["total"]) == ([], 0)


def test_an_unknown_user_is_not_found(client: FlaskClient, admin_headers: Headers) -> None:
    answer = client.get(f"{USERS}/{UNKNOWN_ID}/sessions", headers=admin_headers)

    assert_problem(answer, 404, "user-not-found")


def test_a_deleted_user_is_not_found(
    client: FlaskClient, db_session: Session, user: Account, admin_headers: Headers
) -> None:
    set_columns(db_session, user.id, deleted_at=utc_now())

    answer = client.get(f"{user.path}/sessions", headers=admin_headers)

    assert_problem(answer, 404, "user-not-found")
