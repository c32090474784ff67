from datetime import datetime, timedelta

import pytest
from flask.testing import FlaskClient

from posts.samples import DRAFT, POSTS
from support.accounts import Account, Headers
from support.answers import parameters, verdict
from support.rows import NOON, UNKNOWN_ID


def test_a_post_is_told_in_full(
    client: FlaskClient, user: Account, post_id: int, post_path: str, other_headers: Headers
) -> None:
    document = client.get(post_path, headers=other_headers).get_json()

    moments = [
        datetime.fromisoformat(document.pop(f"{verb}_at")) for verb in ("created", "updated")
    ]
    assert moments == [NOON, NOON]
    assert document == {**DRAFT, "id": post_id, "author_id": user.id, "edited_by": None}


@pytest.mark.parametrize("field", ["created_at", "updated_at"])
def test_times_are_in_utc_with_their_offset(
    client: FlaskClient, post_path: str, auth_headers: Headers, field: str
) -> None:
    text = client.get(post_path, headers=auth_headers).get_json()[field]

    assert datetime.fromisoformat(text).utcoffset() == timedelta(0)


def test_an_unknown_post_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.get(f"{POSTS}/{UNKNOWN_ID}", headers=auth_headers)

    assert verdict(answer) == (404, "post-not-found")


def test_reading_takes_no_parameters(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    answer = client.get(f"{post_path}?fields=id", headers=auth_headers)

    assert answer.status_code == 400
    assert parameters(answer) == ["fields"]
