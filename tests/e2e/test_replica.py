"""Lists from a real standby of PostgreSQL: who has changed something sees it all the same."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy.engine import make_url

from support.accounts import REGISTRATION, Headers
from support.databases import PostgresServer, migrate
from support.paths import LOGOUT, SESSIONS, USERS
from support.postgres import postgres_server
from support.processes import client_of, live_server
from support.races import log_in_over_http
from support.standby import Standby, standby_of

pytestmark = pytest.mark.any_database

POSTS = "/api/v1/posts"
NO_LIMIT = "1000000 per 5 minutes"


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(scope="module")
def served_url(server_url: str) -> Iterator[str]:
    with PostgresServer(server_url).empty() as url:
        migrate(url)
        yield url


@pytest.fixture(scope="module")
def standby(server_url: str, served_url: str) -> Iterator[Standby]:
    assert served_url  # the standby begins with its tables
    with standby_of(server_url) as standby:
        yield standby


def url_on(standby: Standby, served_url: str) -> str:
    database = make_url(served_url).database
    return f"{standby.url}/{database}"


@pytest.fixture(scope="module")
def url(
    served_url: str, standby: Standby, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("replica")
    with live_server(
        served_url,
        folder,
        DATABASE_REPLICA_URL=url_on(standby, served_url),
        RATELIMIT_REGISTER=NO_LIMIT,
    ) as base_url:
        yield base_url


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    with client_of(url) as client:
        yield client


@pytest.fixture(scope="module")
def writer(client: httpx.Client) -> Headers:
    return headers_of(client, "writer@example.com")


@pytest.fixture(scope="module")
def reader(client: httpx.Client) -> Headers:
    return headers_of(client, "reader@example.com")


def headers_of(client: httpx.Client, email: str) -> Headers:
    person = {**REGISTRATION, "email": email, "password": "correct horse battery"}
    client.post(USERS, json=person).raise_for_status()
    return log_in_over_http(client, email)


@pytest.fixture
def held(standby: Standby, server_url: str, writer: Headers, reader: Headers) -> Iterator[Standby]:
    """The standby has all that there is now, and gets no more until the test ends."""
    assert writer
    assert reader
    standby.catch_up(server_url)
    standby.hold()
    yield standby
    standby.follow()


def titles(client: httpx.Client, headers: Headers) -> list[str]:
    answer = client.get(POSTS, headers=headers).raise_for_status()
    return [post["title"] for post in answer.json()["posts"]]


def publish(client: httpx.Client, headers: Headers, title: str) -> None:
    draft = {"title": title, "content": "..."}
    client.post(POSTS, headers=headers, json=draft).raise_for_status()


def test_who_has_changed_something_sees_it_and_others_a_little_later(
    client: httpx.Client,
    held: Standby,
    server_url: str,
    writer: Headers,
    reader: Headers,
) -> None:
    publish(client, writer, "new")

    assert "new" in titles(client, writer)
    assert "new" not in titles(client, reader)

    held.follow()
    held.catch_up(server_url)
    assert "new" in titles(client, reader)


@pytest.mark.usefixtures("held")
def test_what_decides_about_a_caller_never_comes_from_the_replica(client: httpx.Client) -> None:
    headers = headers_of(client, "newcomer@example.com")
    sessions = client.get(SESSIONS, headers=headers).json()["sessions"]
    client.post(LOGOUT, headers=headers).raise_for_status()

    assert len(sessions) == 1
    assert client.get(POSTS, headers=headers).status_code == httpx.codes.UNAUTHORIZED


@pytest.mark.usefixtures("held")
def test_the_directory_comes_from_the_replica_too(client: httpx.Client, reader: Headers) -> None:
    newcomer = headers_of(client, "late@example.com")

    def total(headers: Headers) -> int:
        answer = client.get(USERS, headers=headers, params={"per_page": 1}).raise_for_status()
        count: int = answer.json()["total"]
        return count

    assert total(newcomer) == total(reader) + 1


def test_without_the_replica_all_is_read_where_it_is_written(
    server_url: str, served_url: str, tmp_path: Path
) -> None:
    with standby_of(server_url) as standby:
        replica_url = url_on(standby, served_url)
        with live_server(served_url, tmp_path, DATABASE_REPLICA_URL=replica_url) as base_url:
            pass
    with (
        live_server(served_url, tmp_path, DATABASE_REPLICA_URL=replica_url) as base_url,
        client_of(base_url) as client,
    ):
        headers = headers_of(client, "alone@example.com")
        publish(client, headers, "alone")

        assert "alone" in titles(client, headers)
