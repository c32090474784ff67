from flask.testing import FlaskClient
from support.accounts import Account

USERS = "/api/v1/users"


def test_me_is_the_caller(client: FlaskClient, user: Account, auth_headers: dict[str, str]) -> None:
    answer = client.get(f"{USERS}/me", headers=auth_headers)

    assert answer.status_code == 200
    assert answer.get_json()["email"] == user.email
