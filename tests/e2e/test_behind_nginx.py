"""The service behind a real nginx, which compresses answers and tells addresses."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION
from support.nginx import nginx_before
from support.paths import LIVE, LOGIN, ME, USERS
from support.processes import client_of
from support.production import production_server

pytestmark = pytest.mark.system

CREDENTIALS = {name: REGISTRATION[name] for name in ("email", "password")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both servers work."""
    return tmp_path_factory.mktemp("proxied")


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    """The URL of a service that trusts one proxy, which tells ports too."""
    with (
        production_server(folder, TRUSTED_PROXIES="1") as upstream,
        nginx_before(upstream, folder, forwarded="$remote_addr:$remote_port") as proxied,
    ):
        yield proxied


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[httpx.Client]:
    """Somebody who has registered, and asks for compressed answers."""
    with client_of(url, headers={"Accept-Encoding": "gzip"}) as client:
        client.post(USERS, json=REGISTRATION).raise_for_status()
        tokens = client.post(LOGIN, json=CREDENTIALS).raise_for_status().json()
        client.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        yield client


@pytest.fixture
def read(client: httpx.Client) -> httpx.Response:
    """What the user reads of itself: compressed, with the tag that nginx has made weak."""
    answer = client.get(ME).raise_for_status()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["ETag"].startswith('W/"')
    return answer


def test_an_edit_of_what_was_read_is_made(client: httpx.Client, read: httpx.Response) -> None:
    path = f"{USERS}/{read.json()['id']}"
    condition = {"If-Match": read.headers["ETag"]}

    first = client.patch(path, json={"first_name": "Grace"}, headers=condition)
    second = client.patch(path, json={"first_name": "Joan"}, headers=condition)

    assert (first.status_code, first.json()["first_name"]) == (200, "Grace")
    assert (second.status_code, second.json()["code"]) == (412, "stale-version")


def test_what_is_known_is_not_sent_again(client: httpx.Client, read: httpx.Response) -> None:
    answer = client.get(ME, headers={"If-None-Match": read.headers["ETag"]})

    assert (answer.status_code, answer.content) == (304, b"")


def test_the_log_has_the_address_without_the_port_and_the_proxys_name(
    client: httpx.Client, folder: Path
) -> None:
    answer = client.get(LIVE, headers={"X-Request-Id": "mine"})

    name = answer.headers["X-Request-Id"]
    (log,) = folder.glob("server-*.log")
    (line,) = [line for line in log.read_text("utf-8").splitlines() if name in line]
    assert name != "mine"
    record = json.loads(line)
    assert (record["client"], record["path"], record["status"]) == ("127.0.0.1", LIVE, 200)
    assert "client_request_id" not in record
