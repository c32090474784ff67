"""Tokens that come in other ways, and those of the other kind."""

import pytest
from flask.testing import FlaskClient

from posts.samples import POSTS
from support.paths import ME, REFRESH
from web.callers import cases, each_of
from web.forger import REMOVED, Facts, Forger, ask, assert_refused

pytestmark = pytest.mark.any_database

# Kinds


def test_refresh_token_does_not_open_the_api(client: FlaskClient, forger: Forger) -> None:
    assert_refused(ask(client, f"Bearer {forger.refresh}"), "token-invalid")


def test_access_token_does_not_refresh(client: FlaskClient, forger: Forger) -> None:
    assert_refused(ask(client, f"Bearer {forger.access}", REFRESH), "token-invalid")


@cases(
    {
        "header-only": ({"typ": "rt+jwt"}, {}),
        "claim-only": ({}, {"type": "refresh"}),
        "no-claim": ({"typ": "rt+jwt"}, {"type": REMOVED}),
        "no-header": ({"typ": REMOVED}, {"type": "refresh"}),
    }
)
def test_half_a_refresh_token_does_not_refresh(
    client: FlaskClient, forger: Forger, case: tuple[Facts, Facts]
) -> None:
    header, claims = case
    token = forger.token(claims, header)

    assert_refused(ask(client, f"Bearer {token}", REFRESH), "token-invalid")


# Ways to send a token


def test_no_header_is_refused(client: FlaskClient) -> None:
    assert_refused(client.get(ME), "token-missing")


@each_of(
    {
        "empty": "",
        "blank": " ",
        "scheme-only": "Bearer",
        "scheme-and-blanks": "Bearer    ",
        "basic": "Basic dXNlcjpwYXNzd29yZA==",
        "basic-with-token": "Basic {}",
        "token-scheme": "Token {}",
        "no-scheme": "{}",
        "colon": "Bearer: {}",
        "equals": "Bearer={}",
        "tab": "Bearer\t{}",
        "longer-scheme": "Bearers {}",
    }
)
def test_other_credentials_are_no_token(client: FlaskClient, forger: Forger, case: str) -> None:
    assert_refused(ask(client, case.format(forger.access)), "token-missing")


@each_of(
    {
        "two": "Bearer {0} {0}",
        "two-headers": "Bearer {0}, Bearer {0}",
        "two-headers-joined-tightly": "Bearer {0},Bearer {0}",
        "twice-the-scheme": "Bearer Bearer {0}",
        "quoted": 'Bearer "{0}"',
        "bracketed": "Bearer <{0}>",
        "comma": "Bearer {0},",
        "semicolon": "Bearer {0};",
        "parameter": "Bearer {0} x=1",
        "named": "Bearer token={0}",
        "no-break-space": "Bearer {0}\xa0",
        "next-line": "Bearer {0}\x85",
        "nul": "Bearer {0}\0",
    }
)
def test_token_among_other_things_is_refused(
    client: FlaskClient, forger: Forger, case: str
) -> None:
    assert_refused(ask(client, case.format(forger.access)), "token-invalid")


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_accepted_in_any_case(client: FlaskClient, forger: Forger, scheme: str) -> None:
    assert ask(client, f"{scheme} {forger.access}").status_code == 200


@pytest.mark.parametrize("name", ["jwt", "token", "access_token", "Authorization"])
def test_token_in_the_query_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    assert_refused(client.get(ME, query_string={name: forger.access}), "token-missing")


@pytest.mark.parametrize("name", ["access_token_cookie", "session", "jwt"])
def test_token_in_a_cookie_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    client.set_cookie(name, forger.access)

    assert_refused(client.get(ME), "token-missing")


def test_token_in_the_body_is_ignored(client: FlaskClient, forger: Forger) -> None:
    answer = client.post(POSTS, json={"access_token": forger.access})

    assert_refused(answer, "token-missing")


@pytest.mark.parametrize("name", ["X-Access-Token", "Proxy-Authorization", "X-Authorization"])
def test_token_in_another_header_is_ignored(client: FlaskClient, forger: Forger, name: str) -> None:
    assert_refused(client.get(ME, headers={name: f"Bearer {forger.access}"}), "token-missing")


def test_refusal_does_not_repeat_the_token(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"sub": "abc"})

    assert token not in ask(client, f"Bearer {token}").get_data(as_text=True)
