"""The service behind a real nginx, as deploy/nginx/userapi.conf has it; it compresses answers."""

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.accounts import REGISTRATION
from support.applications import application, settings_for_production
from support.doctor import found
from support.nginx import Nginx, nginx_before
from support.paths import LIVE, LOGIN, ME, READY, USERS
from support.processes import client_of, free_port
from support.production import production_server

pytestmark = pytest.mark.system

UPLOAD = "/api/v1/admin/imports/upload"
FORGED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Prefix": "/forged",
    "Forwarded": "for=198.51.100.7",
}
LARGE = b"x" * 2_000_000
PROBLEM = "application/problem+json"
CREDENTIALS = {name: REGISTRATION[name] for name in ("email", "password")}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where both servers work."""
    return tmp_path_factory.mktemp("proxied")


@pytest.fixture(scope="module")
def nginx(folder: Path) -> Iterator[Nginx]:
    """nginx before a service that trusts one proxy; it tells ports too."""
    with (
        production_server(folder, TRUSTED_PROXIES="1") as upstream,
        nginx_before(upstream, folder, forwarded="$remote_addr:$remote_port") as started,
    ):
        yield started


@pytest.fixture(scope="module")
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    """Somebody who has registered, and asks for compressed answers."""
    with client_of(nginx.url, headers={"Accept-Encoding": "gzip"}) as client:
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


def test_nginx_finds_nothing_to_warn_of(nginx: Nginx) -> None:
    assert "[warn]" not in nginx.log.read_text("utf-8")


def test_who_comes_without_tls_is_led_to_it(nginx: Nginx) -> None:
    answer = httpx.post(f"{nginx.plain_url}{LOGIN}?a=b", trust_env=False)

    assert answer.status_code == 308
    assert answer.headers["Location"] == f"https://api.example.com{LOGIN}?a=b"


def test_what_a_client_says_of_its_place_is_not_passed_on(
    client: httpx.Client, folder: Path
) -> None:
    root = client.get("/?forged", headers=FORGED)

    assert root.headers["Location"] == "/docs"
    (log,) = folder.glob("server-*.log")
    assert "198.51.100.7" not in log.read_text("utf-8")


@pytest.mark.parametrize(
    "path",
    [
        *(READY, f"{READY}/", f"{READY}?x", "/health/%72eady", "/health//ready", "//health/ready"),
        *("/./health/ready", "/docs/../health/ready", "/docs/%2e%2e/health/ready"),
        *("/health%2Fready", "/auth/health/ready"),
        *("/metrics", "/metrics/", "/metrics/x", "/%6detrics", "//metrics", "/auth/metrics"),
    ],
)
def test_what_operators_ask_is_hidden(nginx: Nginx, path: str) -> None:
    answer = nginx.ask(path)

    assert (answer.status, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert answer.json()["detail"] == "No operation has this path."
    assert "code" not in answer.json()


@pytest.mark.parametrize("body", [LARGE, [LARGE]], ids=["declared", "chunked"])
def test_what_the_proxy_finds_too_large_is_told_as_a_problem(
    client: httpx.Client, body: bytes | list[bytes]
) -> None:
    answer = client.post(USERS, content=body, headers={"Content-Type": "application/json"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (413, PROBLEM)
    assert answer.json()["title"] == "Request body too large"


def test_files_of_users_come_through(client: httpx.Client) -> None:
    answer = client.post(UPLOAD, content=LARGE, headers={"Content-Type": "application/x-ndjson"})

    assert (answer.status_code, answer.json()["code"]) == (403, "not-allowed")


def test_a_long_line_is_refused_by_the_service(client: httpx.Client) -> None:
    answer = client.get(f"/{'x' * 9_000}")

    assert (answer.status_code, answer.json()["code"]) == (414, "uri-too-long")


def test_a_service_that_does_not_answer_is_told_as_a_problem(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with nginx_before(nobody, tmp_path) as nginx, client_of(nginx.url) as client:
        answer = client.get(LIVE)

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["status"] == 503


def test_the_doctor_warns_of_nothing(
    nginx: Nginx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(nginx.authority))
    settings = settings_for_production(
        f"sqlite:///{tmp_path}/none.sqlite3", tmp_path, TRUSTED_PROXIES="1"
    )

    with application(settings) as app:
        lines = found(app, "proxies", "--url", nginx.url)

    assert [line for line in lines if not line.startswith("ok | ")] == []
    assert len(lines) > 3
