"""Proxies: what the settings tell, and what is seen through them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.applications import application, settings_for_production
from support.doctor import found
from support.processes import PRODUCTION_MAIL, free_port, live_server

pytestmark = pytest.mark.any_database

SHARED = "all clients seem to come from the proxy, and share its rate limits"
MADE_UP = (
    "clients can make up their addresses: what they send as X-Forwarded-For is believed | lower "
    "TRUSTED_PROXIES to the number of proxies, and let nobody pass them by"
)
PREFIX_IGNORED = "ok | what clients send as X-Forwarded-Prefix is not believed"
PREFIX_BELIEVED = (
    "warning | the proxy hands on X-Forwarded-Prefix of clients, who are led to paths of their "
    "choice | let the proxy set X-Forwarded-Prefix itself, or remove it"
)
COUNT = "set TRUSTED_PROXIES to the number of proxies that a request passes"


def lines(folder: Path, *arguments: str, **variables: str) -> list[str]:
    """Return what is found with these settings, of production."""
    settings = settings_for_production(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        return found(app, "proxies", *arguments)


def test_a_proxy_that_is_counted_is_fine(tmp_path: Path) -> None:
    assert lines(tmp_path, TRUSTED_PROXIES="1", **PRODUCTION_MAIL) == [
        "ok | TRUSTED_PROXIES is 1, which fits HOST and PUBLIC_URL"
    ]


def test_tls_without_a_proxy_that_is_counted_is_warned_of(tmp_path: Path) -> None:
    assert lines(tmp_path, **PRODUCTION_MAIL) == [
        (
            f"warning | PUBLIC_URL is https, so a proxy speaks TLS, and TRUSTED_PROXIES is 0: "
            f"{SHARED} | {COUNT}"
        )
    ]


def test_loopback_without_a_proxy_that_is_counted_is_warned_of(tmp_path: Path) -> None:
    assert lines(tmp_path, TRUSTED_PROXIES="0") == [
        (
            f"warning | only this machine reaches HOST, and TRUSTED_PROXIES is 0: {SHARED} | "
            f"{COUNT}, or HOST to 0.0.0.0 where there is none"
        )
    ]


def test_a_prefix_that_nobody_tells_is_warned_of(tmp_path: Path) -> None:
    found_lines = lines(tmp_path, PUBLIC_URL="https://example.com/auth")

    assert (
        "warning | PUBLIC_URL has a path, and nobody tells the service of it | set ROOT_PATH=/auth"
        in found_lines
    )


@pytest.fixture(scope="module")
def url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that trusts a proxy, and is shown under `/auth`; nothing stands before it."""
    folder = tmp_path_factory.mktemp("service")
    with live_server(module_database_url, folder, TRUSTED_PROXIES="1", ROOT_PATH="/auth") as url:
        yield url


@pytest.mark.parametrize(
    ("trusted", "prefix", "address"),
    [
        ("1", PREFIX_BELIEVED, f"failed | {MADE_UP}"),
        ("0", PREFIX_IGNORED, "ok | what clients send as X-Forwarded-For is not believed"),
    ],
)
def test_what_clients_make_up_is_tried(
    module_database_url: str, tmp_path: Path, trusted: str, prefix: str, address: str
) -> None:
    with live_server(
        module_database_url, tmp_path, RATELIMIT_ENABLED="true", TRUSTED_PROXIES=trusted
    ) as url:
        assert lines(tmp_path, "--url", url)[-2:] == [prefix, address]


def test_what_is_seen_through_the_proxy_is_told(url: str, tmp_path: Path) -> None:
    seen = lines(tmp_path, "--url", f"{url}/auth", TRUSTED_PROXIES="1", **PRODUCTION_MAIL)

    assert seen[1:] == [
        f"ok | the service answers at {url}/auth",
        f"warning | {url}/auth is not encrypted | let the proxy speak TLS, and name https://",
        (
            f"warning | links in mails lead to https://api.example.com, not there | set "
            f"PUBLIC_URL={url}/auth if it is right"
        ),
        "ok | the service knows that its prefix is /auth",
        (
            "warning | the proxy hands on X-Request-Id of clients, who name their requests in the "
            "log | let the proxy set X-Request-Id itself, or remove it"
        ),
        PREFIX_IGNORED,
        "not checked | whether clients can make up their addresses: no rate limit is told",
    ]


def test_another_prefix_is_told(url: str, tmp_path: Path) -> None:
    assert (
        "failed | the service takes /userapi-doctor for /auth/userapi-doctor | set ROOT_PATH, or "
        "let the proxy send X-Forwarded-Prefix as it should" in lines(tmp_path, "--url", url)
    )


def test_a_path_that_leads_elsewhere_is_told(url: str, tmp_path: Path) -> None:
    assert lines(tmp_path, "--url", f"{url}/other")[-1] == (
        f"failed | {url}/other/health/live answers 404, not 200 | let the proxy hand every path to "
        "HOST and PORT of the service"
    )


def test_a_proxy_that_is_down_is_told(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}"

    assert lines(tmp_path, "--url", url)[-1] == (
        f"failed | {url} does not answer (Connection refused) | look whether the proxy runs, and "
        "at the name"
    )
