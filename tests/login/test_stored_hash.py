"""What a login makes of the hash that is stored."""

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, try_login
from support.answers import verdict
from support.rows import column_of, set_columns
from userapi.kit.passwords import HashingCost, PasswordHasher

OUTDATED = PasswordHasher(cost=HashingCost(time_cost=2, memory_cost=16, parallelism=1)).hash(
    PASSWORD
)
"""A hash of the password, of other parameters than today's."""


def test_a_hash_of_other_parameters_is_renewed_at_login(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, password_hash=OUTDATED)

    try_login(client, user.email)

    stored = column_of(db_session, user.id, "password_hash")
    assert stored.startswith("$argon2id$v=19$m=8,t=1,p=1$")


def test_the_password_works_with_the_renewed_hash(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, password_hash=OUTDATED)
    try_login(client, user.email)

    answer = try_login(client, user.email)

    assert answer.status_code == 200


def test_a_wrong_password_does_not_renew_the_hash(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, password_hash=OUTDATED)

    try_login(client, user.email, "wrong password")

    assert column_of(db_session, user.id, "password_hash") == OUTDATED


def test_a_hash_of_todays_parameters_is_kept(
    client: FlaskClient, db_session: Session, user: Account, password_hash: str
) -> None:
    try_login(client, user.email)

    assert column_of(db_session, user.id, "password_hash") == password_hash


def test_a_stored_text_that_is_no_hash_matches_no_password(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    set_columns(db_session, user.id, password_hash=PASSWORD)

    answer = try_login(client, user.email)

    assert verdict(answer) == (401, "invalid-credentials")
