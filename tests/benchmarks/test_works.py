import pytest
from benchmarks.speed.asking import next_cursor, refresh_token
from benchmarks.speed.works import COMMON, RARE, names_of, request


def test_a_request_tells_the_length_of_its_body() -> None:
    head, _, body = request("POST", "/login", body={"é": 1}).partition(b"\r\n\r\n")

    assert f"Content-Length: {len(body)}".encode() in head.split(b"\r\n")
    assert head.startswith(b"POST /login HTTP/1.1\r\nHost: ")


@pytest.mark.parametrize("users", [1000, 10_000])
def test_a_word_is_rare_however_many_users_there_are(users: int) -> None:
    names = [names_of(number, users)[1].lower() for number in range(1, users + 1)]

    assert names.count(RARE) == 5
    assert names.count(COMMON) == pytest.approx(users / 10, rel=0.01)


@pytest.mark.parametrize(
    ("page", "cursor"),
    [({"next": "a+b"}, "a%2Bb"), ({"next_cursor": "c"}, "c"), ({"next": None}, ""), ({}, "")],
)
def test_the_cursor_of_the_next_page(page: dict[str, str | None], cursor: str) -> None:
    assert next_cursor(page) == cursor


def test_the_refresh_token_of_an_answer() -> None:
    assert refresh_token(b'{"a": "b", "refresh_token": "x.y.z", "c": 1}') == "x.y.z"
