"""The service under a path of another site, as deploy/nginx/userapi-prefix.conf has it."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.nginx import Nginx, nginx_below_a_site
from support.paths import LIVE, READY, USERS
from support.processes import client_of, free_port
from support.production import production_server

pytestmark = [pytest.mark.system, pytest.mark.any_database]

PREFIX = "/auth"
LARGE = b"x" * 2_000_000
PROBLEM = "application/problem+json"


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    folder = tmp_path_factory.mktemp("below")
    variables = {"TRUSTED_PROXIES": "1", "ROOT_PATH": PREFIX}
    public_url = f"https://example.com{PREFIX}"
    with (
        production_server(folder, PUBLIC_URL=public_url, **variables) as upstream,
        nginx_below_a_site(upstream, folder) as started,
    ):
        yield started


@pytest.fixture
def client(nginx: Nginx) -> Iterator[httpx.Client]:
    with client_of(nginx.url) as client:
        yield client


def test_what_goes_out_has_the_prefix(client: httpx.Client) -> None:
    forged = {"X-Forwarded-Prefix": "/forged", "X-Request-Id": "forged"}

    root = client.get(f"{PREFIX}/", headers=forged)
    problem = client.get(f"{PREFIX}{USERS}/none", headers=forged)

    assert root.headers["Location"] == f"{PREFIX}/docs"
    assert root.headers["X-Request-Id"] != "forged"
    assert problem.json()["instance"] == f"{PREFIX}{USERS}/none"
    assert client.get(f"{PREFIX}{LIVE}").status_code == 200


def test_a_path_comes_as_it_was_sent(nginx: Nginx) -> None:
    # Where nginx takes the prefix off, it decodes the path, and this is /health/live.
    answer = nginx.ask(f"{PREFIX}/health%2Flive")

    assert (answer.status, answer.json()["code"]) == (404, "path-not-found")


def test_the_site_keeps_its_other_paths(client: httpx.Client) -> None:
    assert [client.get(path).status_code for path in ("/", READY, "/authors")] == [410] * 3


@pytest.mark.parametrize(
    "path",
    [
        READY,
        f"{READY}/",
        "/health/%72eady",
        "//health/ready",
        "/metrics",
        "/%6detrics",
        "/x/metrics",
    ],
)
def test_what_operators_ask_is_hidden(nginx: Nginx, path: str) -> None:
    answer = nginx.ask(f"{PREFIX}{path}")

    assert (answer.status, answer.headers["Content-Type"]) == (404, PROBLEM)
    assert "code" not in answer.json()


def test_bodies_have_the_limits_of_their_operations(client: httpx.Client) -> None:
    upload = f"{PREFIX}/api/v1/admin/imports/upload"

    large = client.post(f"{PREFIX}{USERS}", content=LARGE)
    file = client.post(upload, content=LARGE, headers={"Content-Type": "application/x-ndjson"})

    assert (large.status_code, large.headers["Content-Type"]) == (413, PROBLEM)
    assert (file.status_code, file.json()["code"]) == (401, "token-missing")


def test_a_service_that_does_not_answer_is_told_as_a_problem(tmp_path: Path) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    with nginx_below_a_site(nobody, tmp_path) as nginx, client_of(nginx.url) as client:
        answer = client.get(f"{PREFIX}{LIVE}")

    assert (answer.status_code, answer.headers["Content-Type"]) == (503, PROBLEM)
    assert answer.headers["Retry-After"] == "5"
