"""A password logs in however a keyboard composes its characters."""

import argon2
import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, register, try_login
from support.rows import column_of, set_columns

COMPOSED, DECOMPOSED = "caf\u00e9 cr\u00e8me", "cafe\u0301 cre\u0300me"
EMAIL = "alan@example.com"


@pytest.mark.parametrize("chosen", [COMPOSED, DECOMPOSED])
@pytest.mark.parametrize("typed", [COMPOSED, DECOMPOSED])
def test_either_form_logs_in_whichever_was_chosen(
    client: FlaskClient, chosen: str, typed: str
) -> None:
    register(client, password=chosen)

    assert try_login(client, EMAIL, typed).status_code == 200


def test_the_longest_password_may_be_typed_decomposed(client: FlaskClient) -> None:
    register(client, password="\u1f82" * 128)

    assert try_login(client, EMAIL, "\u03b1\u0313\u0300\u0345" * 128).status_code == 200


def test_a_hash_of_the_form_that_was_sent_is_renewed_when_it_is_typed_again(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    before = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(DECOMPOSED)
    set_columns(db_session, user.id, password_hash=before)

    answers = [
        try_login(client, user.email, typed).status_code
        for typed in (COMPOSED, DECOMPOSED, COMPOSED)
    ]

    assert answers == [401, 200, 200]
    assert column_of(db_session, user.id, "password_hash") != before
