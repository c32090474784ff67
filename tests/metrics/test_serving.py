"""The metrics of a real server: right across its processes, whatever is done to them."""

import os
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from support.databases import Server, on_postgresql
from support.paths import LIVE
from support.processes import (
    children_of,
    client_of,
    free_port,
    live_server,
    wait_until,
)
from support.scraping import METRICS, samples_of, scrape, value_of

pytestmark = pytest.mark.any_database

TOKEN = "Zt4_mQ8vKx1wRb7-YcNf3sJh6LdPg0EoUa2Ti5Xe"
LOGIN = "/api/v1/auth/login"
REQUESTS = "userapi_requests_total"


@dataclass(frozen=True, slots=True)
class Watched:
    """A server, and the port of its own where its metrics are."""

    api: httpx.Client
    metrics: httpx.Client
    port: int


@pytest.fixture(scope="module")
def watched(
    server: Server, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Watched]:
    """A server of two processes whose metrics have a port of their own."""
    port, folder = free_port(), tmp_path_factory.mktemp("watched")
    with (
        server.copy_of(template_url) as database_url,
        live_server(database_url, folder, workers=2, METRICS_PORT=str(port)) as url,
        client_of(url, headers={"Connection": "close"}) as api,
        client_of(f"http://127.0.0.1:{port}") as metrics,
    ):
        wait_until(lambda: answers(metrics))
        yield Watched(api, metrics, port)


def answers(client: httpx.Client) -> bool:
    try:
        return client.get(METRICS).status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


def counted(watched: Watched, operation: str, status: str) -> float:
    labels = {"operation": operation, "status": status}
    return value_of(scrape(watched.metrics), REQUESTS, labels)


def servers() -> list[int]:
    """Return the processes of the server that was started last."""
    return children_of(children_of(os.getpid())[-1])


def test_all_processes_are_counted_together(watched: Watched) -> None:
    before = counted(watched, "get_liveness", "200")
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda _: watched.api.get(LIVE), range(60)))

    wait_until(lambda: counted(watched, "get_liveness", "200") == before + 60)
    text = scrape(watched.metrics)
    duration = "userapi_request_duration_seconds_count"
    assert value_of(text, duration, {"operation": "get_liveness"}) == before + 60
    wait_until(lambda: value_of(scrape(watched.metrics), "userapi_processes") == 2)


def test_a_killed_process_takes_no_counts_along(watched: Watched) -> None:
    watched.api.get(LIVE)
    wait_until(lambda: counted(watched, "get_liveness", "200") > 0)
    before, killed = counted(watched, "get_liveness", "200"), servers()
    for pid in killed:
        os.kill(pid, signal.SIGKILL)
    wait_until(lambda: len(servers()) == 2 and not {*servers()} & {*killed})
    wait_until(lambda: answers(watched.metrics))

    watched.api.get(LIVE)

    wait_until(lambda: counted(watched, "get_liveness", "200") == before + 1)
    wait_until(lambda: value_of(scrape(watched.metrics), "userapi_processes") == 2)


def test_processes_that_are_replaced_leave_no_files(database_url: str, tmp_path: Path) -> None:
    with (
        live_server(
            database_url,
            tmp_path,
            METRICS_PORT=str(free_port()),
            WEB_MAX_REQUESTS="10",
            TMPDIR=str(tmp_path),
        ) as url,
        client_of(url, headers={"Connection": "close"}) as api,
    ):
        seen: set[int] = set()
        folder = next(tmp_path.glob("userapi-metrics-*"))

        def is_replaced() -> bool:
            api.get(LIVE)
            seen.update(servers())
            return len(seen) >= 6

        wait_until(is_replaced)
        # One that is leaving and the one that has come: two slots, three kinds of metrics.
        assert len(list(folder.glob("*.db"))) <= 9

    assert not folder.exists()


def test_what_others_have_left_where_folders_are_made_is_not_opened(
    database_url: str, tmp_path: Path
) -> None:
    victim = tmp_path / "victim"
    victim.write_text("kept")
    left, linked = tmp_path / "userapi-metrics-left", tmp_path / "userapi-metrics-linked"
    left.mkdir()
    (left / "lock").symlink_to(victim)
    os.mkfifo(tmp_path / "userapi-metrics-pipe")
    (tmp_path / "elsewhere").mkdir()
    linked.symlink_to(tmp_path / "elsewhere")

    with live_server(database_url, tmp_path, METRICS_PORT=str(free_port()), TMPDIR=str(tmp_path)):
        assert victim.read_text() == "kept"
        assert linked.exists()
        assert not left.exists()


@on_postgresql
def test_each_pool_of_connections_is_told(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    with (
        live_server(
            database_url,
            tmp_path,
            METRICS_PORT=str(port),
            DATABASE_POOL_SIZE="7",
            DATABASE_REPLICA_URL=database_url,
        ),
        client_of(f"http://127.0.0.1:{port}") as metrics,
    ):
        wait_until(lambda: answers(metrics))

        def limits() -> dict[str, float]:
            found = samples_of(scrape(metrics))
            name = "userapi_database_pool_limit"
            return {each.labels["pool"]: each.value for each in found if each.name == name}

        wait_until(lambda: limits() == {"main": 14, "replica": 14, "rate_limits": 2})


def test_log_ins_are_counted_by_their_result(watched: Watched) -> None:
    def result(name: str) -> float:
        return value_of(scrape(watched.metrics), "userapi_logins_total", {"result": name})

    refused, invalid = result("invalid-credentials"), result("invalid-input")
    watched.api.post(LOGIN, json={"email": "ada@example.com", "password": "wrong password"})
    watched.api.post(LOGIN, json={})

    wait_until(lambda: result("invalid-credentials") == refused + 1)
    wait_until(lambda: result("invalid-input") == invalid + 1)


def test_hostile_paths_and_methods_are_one_operation(watched: Watched) -> None:
    watched.api.get("/nowhere")
    watched.api.request("METHOD", "/")
    wait_until(lambda: counted(watched, "none", "404") > 0 < counted(watched, "none", "501"))
    paths, methods = counted(watched, "none", "404"), counted(watched, "none", "501")
    before = {(each.name, *each.labels.items()) for each in samples_of(scrape(watched.metrics))}

    for number in range(100):
        watched.api.get(f"/nowhere-{number}?secret-{number}@example.com")
    for number in range(20):
        watched.api.request(f"METHOD{number}", f"/{number}")
    wait_until(lambda: counted(watched, "none", "404") == paths + 100)
    wait_until(lambda: counted(watched, "none", "501") == methods + 20)

    text = scrape(watched.metrics)
    after = {(each.name, *each.labels.items()) for each in samples_of(text)}
    assert after == before
    assert "nowhere" not in text


def test_what_is_no_request_is_counted(watched: Watched) -> None:
    before = counted(watched, "none", "400")
    with socket.create_connection((watched.api.base_url.host, watched.api.base_url.port)) as sock:
        sock.sendall(b"GARBAGE\r\n\r\n")
        sock.recv(100)

    wait_until(lambda: counted(watched, "none", "400") == before + 1)


def test_nothing_of_a_person_and_no_secret_is_told(watched: Watched) -> None:
    watched.api.post(LOGIN, json={"email": "ada@example.com", "password": "the secret word"})
    watched.api.get("/api/v1/users/me", headers={"Authorization": "Bearer a-secret-token"})
    wait_until(lambda: value_of(scrape(watched.metrics), "userapi_logins_total") > 0)

    text = scrape(watched.metrics)

    assert re.search(r"ada|example|secret|127\.0\.0\.1|/", text.replace("# HELP", "")) is None


def test_the_port_answers_nothing_else(watched: Watched) -> None:
    missing = watched.metrics.get(LIVE)
    other_method = watched.metrics.post(METRICS)

    assert (missing.status_code, other_method.status_code) == (404, 501)
    assert missing.headers["Content-Type"] == "application/problem+json"
    assert watched.api.get(METRICS).json()["code"] == "path-not-found"


def test_slow_and_many_scrapers_hold_up_nobody(watched: Watched) -> None:
    slow = [socket.create_connection(("127.0.0.1", watched.port)) for _ in range(20)]
    try:
        for sock in slow:
            sock.sendall(b"GET /metrics HTTP/1.1\r\n")
        assert watched.api.get(LIVE).status_code == 200
    finally:
        for sock in slow:
            sock.close()

    wait_until(lambda: answers(watched.metrics))


def test_many_may_scrape_at_once(watched: Watched) -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: answers(watched.metrics), range(40)))

    assert any(found)
    assert answers(watched.metrics)


def test_a_token_opens_the_metrics_on_the_services_port(database_url: str, tmp_path: Path) -> None:
    with (
        live_server(database_url, tmp_path, workers=2, METRICS_TOKEN=TOKEN) as url,
        client_of(url, headers={"Connection": "close"}) as api,
    ):
        api.get(LIVE)
        headers = {"Authorization": f"Bearer {TOKEN}"}

        def lives() -> float:
            text = api.get(METRICS, headers=headers).text
            return value_of(text, REQUESTS, {"operation": "get_liveness"})

        wait_until(lambda: lives() == 1)
        assert api.get(METRICS).status_code == 401


def test_a_token_closes_the_port_of_their_own(database_url: str, tmp_path: Path) -> None:
    port = free_port()
    with (
        live_server(database_url, tmp_path, METRICS_PORT=str(port), METRICS_TOKEN=TOKEN) as url,
        client_of(f"http://127.0.0.1:{port}") as metrics,
        client_of(url) as api,
    ):
        headers = {"Authorization": f"Bearer {TOKEN}"}

        def opens() -> bool:
            try:
                return metrics.get(METRICS, headers=headers).status_code == httpx.codes.OK
            except httpx.TransportError:
                return False

        wait_until(opens)
        refused = metrics.get(METRICS, headers={"Authorization": f"Bearer {TOKEN[:-1]}x"})
        assert (refused.status_code, refused.headers["WWW-Authenticate"][:6]) == (401, "Bearer")
        assert api.get(METRICS, headers=headers).status_code == 404
