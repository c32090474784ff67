"""What the database holds of a request with a key: its answer, and no secret."""

import hashlib
import json
from pathlib import Path

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from idempotency.keyed import publish, register, rows_in, with_key
from support.accounts import REGISTRATION, Account, Headers
from support.applications import application, engine_of, settings_for_testing
from support.paths import USERS
from userapi.config.secrets import SecretSettings
from web.callers import JSON, cases

SECRET = "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br"


def stored(session: Session) -> str:
    """Return the only row there is, whole and in words."""
    (row,) = rows_in(session)
    return json.dumps(row, default=str)


def test_a_registration_holds_no_password(client: FlaskClient, db_session: Session) -> None:
    register(client)

    row = stored(db_session)

    assert REGISTRATION["email"] in row
    assert REGISTRATION["password"] not in row
    assert "argon2" not in row


def test_a_refused_registration_holds_no_password(
    client: FlaskClient, db_session: Session, user: Account
) -> None:
    register(client, email=user.email)

    row = stored(db_session)

    assert "email-taken" in row
    assert REGISTRATION["password"] not in row


def test_a_row_holds_no_token(
    client: FlaskClient, db_session: Session, auth_headers: Headers
) -> None:
    publish(client, auth_headers)

    assert auth_headers["Authorization"].removeprefix("Bearer ") not in stored(db_session)


@cases(
    {
        "as-sent": json.dumps(REGISTRATION),
        "sorted": json.dumps(REGISTRATION, sort_keys=True),
        "dense": json.dumps(REGISTRATION, separators=(",", ":")),
        "dense-and-sorted": json.dumps(REGISTRATION, separators=(",", ":"), sort_keys=True),
    }
)
def test_a_row_holds_no_plain_hash_of_the_body(
    client: FlaskClient, db_session: Session, case: str
) -> None:
    client.post(USERS, data=case, content_type=JSON, headers=with_key())

    row = stored(db_session)

    assert hashlib.sha256(case.encode()).hexdigest() not in row


def fingerprints(url: str, folder: Path, secret: str) -> list[str]:
    """Register twice in an application with that secret; return what is stored of the bodies."""
    settings = settings_for_testing(url, folder).replace(SecretSettings, secret_key=secret)
    with application(settings) as app:
        for key in ("first", "second"):
            register(app.test_client(), f"{key}-{secret[:4]}")
        with Session(engine_of(app)) as session:
            rows = rows_in(session)
    return [row["fingerprint"] for row in rows]


def test_the_fingerprint_of_a_body_depends_on_the_secret_key(
    database_url: str, tmp_path: Path
) -> None:
    first = fingerprints(database_url, tmp_path, SECRET)

    both = fingerprints(database_url, tmp_path, SECRET[::-1])

    assert len(set(first)) == 1
    assert len(set(both)) == 2
