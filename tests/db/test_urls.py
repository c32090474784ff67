"""Which databases a URL may name."""

import pytest

from userapi.db.urls import connection_arguments, usable_url

pytestmark = pytest.mark.any_database


@pytest.mark.parametrize(
    ("text", "host", "port"),
    [
        ("postgresql://ada:p%40ss@one:5433,two/app", "one,two", "5433,"),
        (
            "postgresql://ada:p%40ss@[2001:db8::1]:5433,[::1]:5434/app",
            "2001:db8::1,::1",
            "5433,5434",
        ),
        (
            "postgres://ada:p%40ss@10.0.0.1,10.0.0.2,10.0.0.3/app",
            "10.0.0.1,10.0.0.2,10.0.0.3",
            ",,",
        ),
    ],
)
def test_several_hosts_are_asked_for_the_one_that_writes(text: str, host: str, port: str) -> None:
    url = usable_url(text)

    assert url is not None
    assert connection_arguments(url) == {
        "host": host,
        "port": port,
        "dbname": "app",
        "user": "ada",
        "password": "p@ss",
        "target_session_attrs": "read-write",
    }


def test_which_one_is_asked_for_can_be_told() -> None:
    url = usable_url("postgresql://one,two/app?target_session_attrs=any&sslmode=require")

    assert url is not None
    assert connection_arguments(url)["target_session_attrs"] == "any"
    assert connection_arguments(url)["sslmode"] == "require"


def test_one_host_is_left_as_it_is() -> None:
    url = usable_url("postgresql://ada:a,b@one/app")

    assert url is not None
    assert connection_arguments(url) == {
        "host": "one",
        "dbname": "app",
        "user": "ada",
        "password": "a,b",
    }


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://ada@one,,two/app",
        "postgresql://ada@one:x,two/app",
        "postgresql://ada:p@ss@one,two/app",
        "postgresql://ada@one,two/app?host=three",
    ],
)
def test_what_cannot_be_read_names_no_database(text: str) -> None:
    assert usable_url(text) is None


def test_a_comma_in_the_path_of_a_file_is_no_second_host() -> None:
    assert usable_url("sqlite:////srv/a,b/userapi.sqlite3") is not None
