from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Account, Headers
from support.answers import parameters
from support.paths import ME
from support.rows import set_columns


def test_me_is_the_caller(client: FlaskClient, user: Account, auth_headers: Headers) -> None:
    document = client.get(ME, headers=auth_headers).get_json()

    assert (document["id"], document["email"]) == (user.id, user.email)


def test_me_is_what_the_others_see(
    client: FlaskClient, user: Account, auth_headers: Headers, other_headers: Headers
) -> None:
    document = client.get(ME, headers=auth_headers).get_json()

    assert document == client.get(user.path, headers=other_headers).get_json()


def test_me_is_as_fresh_as_the_answer(
    client: FlaskClient, db_session: Session, user: Account, auth_headers: Headers
) -> None:
    set_columns(db_session, user.id, first_name="Augusta")

    document = client.get(ME, headers=auth_headers).get_json()

    assert document["full_name"] == "Augusta Lovelace"


def test_me_takes_no_parameters(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{ME}?page=1", headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == ["page"]
