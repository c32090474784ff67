"""Whose address counts: what trusted proxies say, and nothing else."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from support.applications import application, settings_for_testing

pytestmark = pytest.mark.any_database

PEER = "10.0.0.2"
PLACE = "/whose"
Seen = Callable[..., str | None]


def whose_request() -> dict[str, str | None]:
    return {"address": request.remote_addr, "url": request.url}


def application_behind(proxies: int, folder: Path) -> Iterator[Flask]:
    settings = settings_for_testing(
        f"sqlite:///{folder}/none.sqlite3", folder, TRUSTED_PROXIES=str(proxies)
    )
    with application(settings) as app:
        app.add_url_rule(PLACE, view_func=whose_request)
        yield app


@pytest.fixture(params=[0, 1, 2])
def proxies(request: pytest.FixtureRequest) -> int:
    """How many proxies are trusted."""
    number: int = request.param
    return number


@pytest.fixture
def client(proxies: int, tmp_path: Path) -> Iterator[FlaskClient]:
    for app in application_behind(proxies, tmp_path):
        yield app.test_client()


@pytest.fixture
def seen(client: FlaskClient) -> Seen:
    """What the service takes for the client's address."""

    def ask(chain: str | None, peer: str = PEER) -> str | None:
        headers = {} if chain is None else {"X-Forwarded-For": chain}
        answer = client.get(PLACE, headers=headers, environ_overrides={"REMOTE_ADDR": peer})
        assert answer.status_code == 200
        address: str | None = answer.get_json()["address"]
        return address

    return ask


@pytest.mark.parametrize("proxies", [0], indirect=True)
@pytest.mark.parametrize(
    "chain", ["198.51.100.9", "198.51.100.9, 198.51.100.8", "127.0.0.1", "garbage", ""]
)
def test_without_trusted_proxies_the_header_is_ignored(seen: Seen, chain: str) -> None:
    assert seen(chain) == PEER


@pytest.mark.parametrize("proxies", [1], indirect=True)
@pytest.mark.parametrize(
    "chain",
    ["203.0.113.7", "198.51.100.9, 203.0.113.7", "1.1.1.1, 2.2.2.2, 198.51.100.9,203.0.113.7"],
)
def test_behind_one_proxy_the_last_entry_counts(seen: Seen, chain: str) -> None:
    assert seen(chain) == "203.0.113.7"


@pytest.mark.parametrize("proxies", [2], indirect=True)
@pytest.mark.parametrize(
    "chain", ["203.0.113.7, 10.0.0.1", "198.51.100.9, 198.51.100.8, 203.0.113.7, 10.0.0.1"]
)
def test_behind_two_proxies_the_last_but_one_counts(seen: Seen, chain: str) -> None:
    assert seen(chain) == "203.0.113.7"


@pytest.mark.parametrize("proxies", [2], indirect=True)
@pytest.mark.parametrize("chain", [None, "203.0.113.7", ""])
def test_where_not_all_proxies_have_spoken_it_is_the_peer(seen: Seen, chain: str | None) -> None:
    assert seen(chain) == PEER


@pytest.mark.parametrize("proxies", [1], indirect=True)
@pytest.mark.parametrize("entry", ['"', '198.51.100.9, "', '"198.51.100.9\\', "'", ";", ",,,"])
def test_quotation_marks_move_nothing(seen: Seen, entry: str) -> None:
    assert seen(f"{entry}, 203.0.113.7") == "203.0.113.7"


@pytest.mark.parametrize("proxies", [1, 2], indirect=True)
@pytest.mark.parametrize(
    "hop", ["unknown", "_hidden", "203.0.113.7:x", "[2001:db8::1", "999.1.1.1", "a" * 6000]
)
def test_garbage_in_the_place_that_counts_is_no_address(seen: Seen, proxies: int, hop: str) -> None:
    assert seen(", ".join([hop, *["10.0.0.1"] * (proxies - 1)])) is None


@pytest.mark.parametrize("proxies", [1], indirect=True)
def test_an_address_comes_in_its_one_spelling(seen: Seen) -> None:
    assert seen("::FFFF:203.0.113.7") == "203.0.113.7"
    assert seen(f"2001:DB8::1%{'z' * 6000}") == "2001:db8::1"


@pytest.mark.parametrize("proxies", [1], indirect=True)
def test_an_address_may_come_with_a_port(seen: Seen) -> None:
    assert seen("203.0.113.7, 198.51.100.1:4711") == "198.51.100.1"
    assert seen("203.0.113.7, [2001:db8::1]:4711") == "2001:db8::1"


@pytest.mark.parametrize("peer", ["", "not an address"])
def test_a_peer_without_an_address_has_none(seen: Seen, peer: str) -> None:
    assert seen(None, peer) is None


@pytest.mark.parametrize("proxies", [1], indirect=True)
@pytest.mark.parametrize(
    "header", ["Forwarded", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"]
)
def test_no_other_header_is_read(client: FlaskClient, header: str) -> None:
    answer = client.get(
        PLACE, headers={header: "198.51.100.9"}, environ_overrides={"REMOTE_ADDR": PEER}
    )

    assert answer.get_json()["address"] == PEER


def test_no_proxy_changes_the_host_or_the_path(client: FlaskClient) -> None:
    spoofed = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Port": "99",
        "X-Forwarded-Proto": "gopher",
    }

    assert client.get(PLACE, headers=spoofed).get_json()["url"] == f"http://localhost{PLACE}"
