"""Tokens whose claims were not issued here as they are."""

import time
import uuid
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from support.accounts import Account, bearer
from support.answers import assert_problem
from support.paths import USERS
from web.callers import cases, each_of
from web.forger import REMOVED, Facts, Forger, ask, assert_refused

pytestmark = pytest.mark.any_database

FAR_FUTURE = 2**33


def test_what_the_forger_signs_is_accepted(client: FlaskClient, forger: Forger) -> None:
    assert ask(client, f"Bearer {forger.token()}").status_code == 200


INVALID_CLAIMS = {
    **{f"no-{name}": {name: REMOVED} for name in ("iss", "aud", "sub", "sid", "jti", "type")},
    **{f"no-{name}": {name: REMOVED} for name in ("iat", "nbf", "exp", "is_admin")},
    **{f"null-{name}": {name: None} for name in ("iss", "aud", "sub", "sid", "jti", "type")},
    **{f"null-{name}": {name: None} for name in ("iat", "nbf", "exp", "is_admin")},
    "only-a-subject": dict.fromkeys(("iss", "aud", "sid", "jti", "type", "nbf", "exp"), REMOVED),
    "wrong-kind": {"type": "refresh"},
    "unknown-kind": {"type": "reset"},
    "kind-in-upper-case": {"type": "ACCESS"},
    "kind-as-list": {"type": ["access"]},
    "foreign-issuer": {"iss": "elsewhere"},
    "issuer-in-upper-case": {"iss": "USERAPI"},
    "issuer-as-list": {"iss": ["userapi"]},
    "foreign-audience": {"aud": "elsewhere"},
    "audience-as-list": {"aud": ["userapi"]},
    "audience-among-others": {"aud": ["userapi", "elsewhere"]},
    "empty-audience": {"aud": ""},
    "not-yet-valid": {"nbf": FAR_FUTURE},
    "issued-in-the-future": {"iat": FAR_FUTURE},
    "expiry-as-string": {"exp": str(FAR_FUTURE)},
    "expiry-as-float": {"exp": FAR_FUTURE + 0.5},
    "expiry-as-integral-float": {"exp": float(FAR_FUTURE)},
    "expiry-as-list": {"exp": [FAR_FUTURE]},
    "expiry-as-word": {"exp": "never"},
    "immense-expiry": {"exp": 10**30},
    "infinite-expiry": {"exp": float("inf")},
    "expiry-is-no-number": {"exp": float("nan")},
    "immense-negative-start": {"nbf": -(10**30)},
    "issue-as-string": {"iat": "1"},
    "start-as-string": {"nbf": "1"},
    "issue-as-truth": {"iat": True},
    "subject-as-integer": {"sub": 1},
    "subject-as-list": {"sub": ["1"]},
    "subject-is-a-word": {"sub": "abc"},
    "subject-is-empty": {"sub": ""},
    "subject-with-leading-zero": {"sub": "01"},
    "subject-is-zero": {"sub": "0"},
    "subject-is-negative": {"sub": "-1"},
    "subject-with-plus": {"sub": "+1"},
    "subject-with-blank": {"sub": "1 "},
    "subject-with-line-break": {"sub": "1\n"},
    "subject-with-underscore": {"sub": "1_0"},
    "subject-is-a-float": {"sub": "1.0"},
    "subject-beyond-64-bit": {"sub": str(2**63)},
    "subject-of-5000-digits": {"sub": "9" * 5000},
    "subject-in-arabic-digits": {"sub": "\u0661"},
    "subject-in-full-width-digits": {"sub": "\uff11"},
    "subject-is-superscript": {"sub": "\u00b9"},
    "subject-with-nul": {"sub": "1\0"},
    "subject-is-a-surrogate": {"sub": "\ud800"},
    "session-is-no-uuid": {"sid": "session"},
    "session-is-empty": {"sid": ""},
    "session-as-integer": {"sid": 1},
    "session-with-nul": {"sid": "\0" * 36},
    "session-in-unicode-digits": {"sid": "\u0661" * 32},
    "token-id-as-integer": {"jti": 1},
    "rights-as-string": {"is_admin": "false"},
    "rights-as-integer": {"is_admin": 0},
}

ENDED = {
    "unknown-session": {"sid": str(uuid.UUID(int=4))},
    "unknown-user": {"sub": str(2**63 - 1)},
}


@each_of(INVALID_CLAIMS)
def test_claims_that_are_never_issued_are_refused(
    client: FlaskClient, forger: Forger, case: Facts
) -> None:
    assert_refused(ask(client, f"Bearer {forger.token(case)}"), "token-invalid")


@each_of({"long-ago": 1, "at-the-epoch": 0, "before-the-epoch": -1, "long-before": -(10**30)})
def test_expired_token_is_refused(client: FlaskClient, forger: Forger, case: int) -> None:
    assert_refused(ask(client, f"Bearer {forger.token({'exp': case})}"), "token-expired")


def test_token_is_expired_at_the_second_it_names(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"exp": int(time.time())})

    assert_refused(ask(client, f"Bearer {token}"), "token-expired")


@cases(ENDED)
def test_token_of_no_session_is_refused(client: FlaskClient, forger: Forger, case: Facts) -> None:
    assert_refused(ask(client, f"Bearer {forger.token(case)}"), "session-ended")


def test_token_of_another_users_session_is_refused(
    client: FlaskClient, forger: Forger, other_user: Account
) -> None:
    token = forger.token({"sub": str(other_user.id)})

    assert_refused(ask(client, f"Bearer {token}"), "session-ended")


@pytest.mark.parametrize("spelling", [str.upper, "{{{}}}".format, "urn:uuid:{}".format])
def test_session_spelt_otherwise_is_refused(
    client: FlaskClient, forger: Forger, spelling: Callable[[str], str]
) -> None:
    token = forger.token({"sid": spelling(forger.claims["sid"])})

    assert_refused(ask(client, f"Bearer {token}"), "token-invalid")


def test_claimed_rights_are_not_believed(client: FlaskClient, forger: Forger) -> None:
    token = forger.token({"is_admin": True, "fresh": True, "role": "admin"})

    answer = client.delete(f"{USERS}/1", headers=bearer(token))

    assert_problem(answer, 403, "not-allowed")
