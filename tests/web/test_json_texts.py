"""JSON is written as UTF-8: a text costs the bytes it has, not six for each half of an emoji."""

import json

import pytest
from flask.testing import FlaskClient

from support.accounts import Headers
from support.paths import ME, USERS

pytestmark = pytest.mark.any_database

TEXTS = ("\N{GRINNING FACE}", "Ævar", "名前", "a\u2028b", "</script><b>", '"\\\t\x01')


@pytest.mark.parametrize("text", TEXTS)
def test_an_answer_is_utf_8(client: FlaskClient, auth_headers: Headers, text: str) -> None:
    body = {"title": "T", "content": f"a{text}"}

    answer = client.post("/api/v1/posts", json=body, headers=auth_headers)

    assert json.dumps(f"a{text}", ensure_ascii=False).encode() in answer.data
    assert answer.content_type == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_length == len(answer.data)
    assert json.loads(answer.data)["content"] == f"a{text}"


def test_a_problem_is_utf_8(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.patch(ME, json={"Ævar\N{GRINNING FACE}": 1}, headers=auth_headers)
    client_error = client.get(f"{USERS}?Ævar\N{GRINNING FACE}=1", headers=auth_headers)

    for problem in (answer, client_error):
        assert b"\\u" not in problem.data
        assert problem.content_length == len(problem.data)
    assert "Ævar\N{GRINNING FACE}".encode() in client_error.data


def test_half_a_character_in_a_problem_is_no_failure(
    client: FlaskClient, auth_headers: Headers
) -> None:
    answer = client.post(
        "/api/v1/posts",
        data=rb'{"\ud83d": 1, "title": "\udc00"}',
        content_type="application/json",
        headers=auth_headers,
    )

    assert answer.status_code == 400
    assert {error["code"] for error in answer.get_json()["errors"]} >= {"unknown", "characters"}


def test_a_kept_answer_is_the_same_bytes_again(client: FlaskClient, auth_headers: Headers) -> None:
    body = {"title": "名前", "content": "\N{GRINNING FACE}\u2028</script>"}
    headers = {**auth_headers, "Idempotency-Key": "utf-8"}

    first, again = [client.post("/api/v1/posts", json=body, headers=headers) for _ in range(2)]

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.data == first.data
    assert "名前".encode() in again.data
