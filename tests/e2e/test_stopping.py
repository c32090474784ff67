"""The server is stopped and replaced: nobody who was let in is turned away."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from support.paths import LIVE, READY
from support.processes import (
    children_of,
    client_of,
    environment_for_testing,
    free_port,
    wait_until,
)
from support.sockets import connection_to, raw_answer
from support.steady_clients import asking

pytestmark = pytest.mark.any_database

WAITING = 40
ASK = f"GET {LIVE} HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n".encode()
SECONDS = 30
STOPS = 4
NOBODY_CONNECTS = 0.1

Server = subprocess.Popen[bytes]
Serve = Callable[..., Server]


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture
def url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


@pytest.fixture
def serve(database_url: str, tmp_path: Path, port: int, log: Path) -> Iterator[Serve]:
    """Starts `userapi serve` with options and variables; it ends with the test."""
    servers: list[Server] = []

    def start(*options: str, **variables: str) -> Server:
        environment = environment_for_testing(database_url, tmp_path, PORT=str(port)) | variables
        command = [sys.executable, "-m", "userapi", "serve", "--without-worker", *options]
        with log.open("ab") as output:
            server = subprocess.Popen(
                command, cwd=tmp_path, env=environment, stdout=output, stderr=output
            )
        servers.append(server)
        return server

    yield start
    for server in servers:
        if server.poll() is None:
            server.terminate()
            server.wait(SECONDS)


def wait_for(url: str) -> None:
    """Wait until the server at that URL is ready."""

    def is_ready() -> bool:
        try:
            return client.get(READY).status_code == httpx.codes.OK
        except httpx.TransportError:
            return False

    with client_of(url, headers={"Connection": "close"}) as client:
        wait_until(is_ready)


def processes_of(server: Server) -> list[int]:
    return children_of(server.pid)


def test_who_waits_to_be_let_in_is_answered(serve: Serve, url: str) -> None:
    server = serve(WEB_CONCURRENCY="2")
    wait_for(url)
    processes = processes_of(server)

    for process in processes:
        os.kill(process, signal.SIGSTOP)
    waiting = [connection_to(url) for _ in range(WAITING)]
    for connection in waiting:
        connection.sendall(ASK)
    server.terminate()
    for process in processes:
        os.kill(process, signal.SIGCONT)

    assert [raw_answer(connection).status for connection in waiting] == [200] * WAITING
    assert server.wait(SECONDS) == 0


@pytest.mark.parametrize("options", [(), ("--supervised",)])
def test_nobody_is_let_in_who_would_be_lost(
    serve: Serve, url: str, options: tuple[str, ...]
) -> None:
    server = serve(*options, WEB_CONCURRENCY="2")
    wait_for(url)
    answers = []
    began = 0.0

    def ask_on() -> None:
        nonlocal began
        while True:
            began = time.monotonic()
            connection = connection_to(url)
            connection.sendall(ASK)
            answers.append(raw_answer(connection).status)

    server.terminate()
    with pytest.raises(ConnectionRefusedError):
        ask_on()
    seconds = time.monotonic() - began

    assert set(answers) <= {200}
    assert seconds > NOBODY_CONNECTS, "the socket was closed while somebody could still connect"


@pytest.mark.parametrize("second", [signal.SIGTERM, signal.SIGINT])
def test_the_end_is_told_before_it_comes(serve: Serve, url: str, second: signal.Signals) -> None:
    server = serve(SHUTDOWN_DELAY_SECONDS="20")
    wait_for(url)

    server.terminate()
    with client_of(url) as client:
        wait_until(lambda: client.get(READY).status_code == httpx.codes.SERVICE_UNAVAILABLE)
        told, alive = client.get(READY), client.get(LIVE)
    still_runs = server.poll() is None
    server.send_signal(second)

    assert told.json()["code"] == "service-stopping"
    assert (alive.status_code, alive.headers["Connection"]) == (200, "close")
    assert still_runs
    assert server.wait(SECONDS) == 0


def test_processes_are_replaced_and_nobody_notices(serve: Serve, url: str) -> None:
    server = serve(WEB_CONCURRENCY="1", WEB_MAX_REQUESTS="40")
    wait_for(url)
    seen: set[int] = set()

    def are_three() -> bool:
        seen.update(processes_of(server))
        return len(seen) > 2

    with asking(url, LIVE) as clients:
        wait_until(are_three)

    assert set(clients.outcomes) == {"200"}
    assert clients.asked > 80


@pytest.mark.parametrize("processes", ["1", "2"])
def test_all_processes_are_replaced_on_request(serve: Serve, url: str, processes: str) -> None:
    server = serve(WEB_CONCURRENCY=processes)
    wait_for(url)
    before = set(processes_of(server))

    with asking(url, LIVE) as clients:
        server.send_signal(signal.SIGHUP)
        wait_until(lambda: not before & set(processes_of(server)))
        wait_until(lambda: len(processes_of(server)) == int(processes))

    assert set(clients.outcomes) == {"200"}
    assert server.poll() is None


def test_a_server_tells_that_it_serves_when_a_process_does(serve: Serve, tmp_path: Path) -> None:
    told_at = tmp_path / "told"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.bind(str(told_at))
        told.settimeout(SECONDS)
        server = serve(NOTIFY_SOCKET=str(told_at))
        said = told.recv(4096)
        processes = processes_of(server)

    assert said == b"READY=1"
    assert processes


def test_a_supervised_server_is_replaced_and_nobody_notices(serve: Serve, url: str) -> None:
    server = serve("--supervised")
    wait_for(url)
    masters = [processes_of(server)]

    with asking(url, LIVE) as clients:
        for _ in range(2):
            server.send_signal(signal.SIGHUP)
            wait_until(lambda: len(now := processes_of(server)) == 1 and now != masters[-1])
            masters.append(processes_of(server))
    server.terminate()

    assert set(clients.outcomes) == {"200"}
    assert server.wait(SECONDS) == 0


def test_who_asks_for_another_while_one_starts_gets_one_more(serve: Serve, url: str) -> None:
    server = serve("--supervised")
    wait_for(url)
    first = processes_of(server)
    seen = set(first)

    server.send_signal(signal.SIGHUP)
    wait_until(lambda: len(processes_of(server)) > 1)
    server.send_signal(signal.SIGHUP)

    def are_three() -> bool:
        seen.update(processes_of(server))
        return len(seen) > 2

    wait_until(are_three)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_supervised_server_that_ends_is_replaced(
    serve: Serve, url: str, log: Path, number: signal.Signals
) -> None:
    server = serve("--supervised")
    wait_for(url)
    # A first one that ends by itself, and has not told yet that it serves, is not replaced.
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "takes the place of" in log.read_text())
    wait_until(lambda: len(processes_of(server)) == 1)
    (master,) = processes_of(server)

    with asking(url, LIVE) as clients:
        os.kill(master, number)
        wait_until(lambda: processes_of(server) not in ([], [master]))
        before = clients.asked
        wait_until(lambda: clients.asked > before + 20)

    assert set(clients.outcomes) == {"200"}


def test_a_supervised_server_starts_no_other_itself(serve: Serve, url: str, log: Path) -> None:
    server = serve("--supervised", WEB_CONCURRENCY="1")
    wait_for(url)
    (master,) = processes_of(server)
    processes = children_of(master)

    os.kill(master, signal.SIGUSR2)
    wait_until(lambda: "SIGUSR2 is refused" in log.read_text(), SECONDS)

    assert "SIGHUP at the supervisor" in log.read_text()
    assert children_of(master) == processes


def test_a_server_goes_on_where_the_next_one_cannot_start(
    serve: Serve, url: str, tmp_path: Path, log: Path
) -> None:
    server = serve("--supervised")
    wait_for(url)
    masters = processes_of(server)

    (tmp_path / ".env").write_text("LOG_LEVEL=LOUD\n")
    server.send_signal(signal.SIGHUP)
    wait_until(lambda: "the one before goes on" in log.read_text())

    assert "LOG_LEVEL: must be" in log.read_text()
    told = f"Z ERROR userapi.supervisor {server.pid} [-] The new server did not"
    assert told in log.read_text()
    assert processes_of(server) == masters
    wait_for(url)


def test_where_the_first_one_cannot_start_its_status_is_told(
    serve: Serve, tmp_path: Path, log: Path
) -> None:
    server = serve("--supervised", TEST_DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3")

    assert server.wait(SECONDS) == 1
    assert "run: userapi db upgrade" in log.read_text()


def test_a_process_that_is_still_being_made_is_stopped_too(serve: Serve) -> None:
    for _ in range(STOPS):
        server = serve(WEB_CONCURRENCY="2")
        end = time.monotonic() + SECONDS
        while not processes_of(server) and time.monotonic() < end:
            pass
        server.terminate()
        assert server.wait(SECONDS / 2) == 0
