"""What the supervisor does when servers die, and when none can be started."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.processes import children_of, wait_until

pytestmark = pytest.mark.any_database

SECONDS = 30
OWN_LISTENER = ("sh", "-c", 'exec "$0" "$@" 3< /dev/null')
GIVEN_LISTENER = ("sh", "-c", 'LISTEN_PID=$$ exec "$0" "$@" 3< /dev/null')
SUPERVISOR = (sys.executable, "-P", "-m", "userapi.supervisor", "text")
SERVER = """
import os, signal, socket, sys, time
from pathlib import Path

def has_served():
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.sendto(b"READY=1", os.environ["NOTIFY_SOCKET"])
    Path(f"served-{os.getpid()}").touch()

with Path("starts").open("a") as starts:
    starts.write("started\\n")
for number in (signal.SIGTERM, signal.SIGUSR1):
    signal.signal(number, lambda *_: sys.exit(0))
exec(Path("server").read_text())
"""
ENDED_AT_ONCE = """
import os, signal, sys, time
from userapi import supervisor

number = signal.Signals(int(sys.argv[1]))
signal.signal(number, lambda *_: None)

def end_all(_):
    os.kill(os.getppid(), number)
    while number not in signal.sigpending():
        time.sleep(0.01)

supervisor.leave_listener = end_all
sys.exit(supervisor.main("text", sys.executable, "-c", "import time; time.sleep(120)"))
"""
"""A supervisor that handles a signal, which comes before its server is a program of its own."""
SERVES = "has_served(); time.sleep(60)"
CANNOT_START = "sys.exit(3)"
TELLS_WHO_LISTENS = """
def tell(*_):
    listens = os.path.exists(f"/proc/{os.getppid()}/fd/3")
    Path("told").write_text("both" if listens else "the server alone")
    sys.exit(0)

signal.signal(signal.SIGTERM, tell)
has_served(); time.sleep(60)
"""

Supervisor = subprocess.Popen[bytes]
Supervise = Callable[..., Supervisor]


@pytest.fixture
def supervise(tmp_path: Path) -> Iterator[Supervise]:
    """Starts a supervisor of servers that do what they are told; it ends with the test."""
    supervisors: list[Supervisor] = []

    def start(does: str, listener: tuple[str, ...] = OWN_LISTENER) -> Supervisor:
        let_servers(tmp_path, does)
        (tmp_path / "own").mkdir()
        with (tmp_path / "log").open("wb") as log:
            supervisor = subprocess.Popen(
                [*listener, *SUPERVISOR, sys.executable, "-c", SERVER],
                cwd=tmp_path,
                env={**os.environ, "TMPDIR": str(tmp_path / "own")},
                stderr=log,
            )
        supervisors.append(supervisor)
        return supervisor

    yield start
    for supervisor in supervisors:
        if supervisor.poll() is None:
            supervisor.terminate()
            supervisor.wait(SECONDS)


def let_servers(folder: Path, does: str) -> None:
    """Have the servers that are started from now on do that."""
    (folder / "new").write_text(does)
    (folder / "new").replace(folder / "server")


def refuse_starts(folder: Path) -> None:
    """Let there be no place for what a start needs, as where the system lets none begin."""
    (folder / "own").rename(folder / "away")


def starts(folder: Path) -> int:
    file = folder / "starts"
    return len(file.read_text().splitlines()) if file.exists() else 0


def log_of(folder: Path) -> str:
    return (folder / "log").read_text()


def serving(folder: Path, supervisor: Supervisor) -> int:
    """Wait until a server alone is there, and serves; return it."""

    def serves() -> bool:
        servers = children_of(supervisor.pid)
        return len(servers) == 1 and (folder / f"served-{servers[0]}").exists()

    wait_until(serves)
    return children_of(supervisor.pid)[0]


def test_a_server_that_dies_at_once_is_replaced_after_a_pause(
    supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise("has_served(); os.kill(os.getpid(), 9)")
    with pytest.raises(subprocess.TimeoutExpired):
        supervisor.wait(2.5)
    supervisor.kill()
    supervisor.wait(SECONDS)

    assert 2 <= starts(tmp_path) <= 4


def test_a_start_that_the_system_refuses_is_tried_again(
    supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise(SERVES)
    first = serving(tmp_path, supervisor)

    refuse_starts(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: log_of(tmp_path).count("No other server can be started") > 1)
    (tmp_path / "away").rename(tmp_path / "own")
    serving(tmp_path, supervisor)

    assert "own/" in log_of(tmp_path)
    assert "it is tried again" in log_of(tmp_path)
    assert "Traceback" not in log_of(tmp_path)


def test_a_supervisor_that_cannot_start_a_server_ends_when_it_is_told(
    supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise(SERVES)
    first = serving(tmp_path, supervisor)

    refuse_starts(tmp_path)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: "it is tried again" in log_of(tmp_path))
    supervisor.terminate()

    assert supervisor.wait(SECONDS) == 128 + signal.SIGKILL


def test_a_server_goes_on_where_the_system_refuses_the_next_one(
    supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise(SERVES)
    first = serving(tmp_path, supervisor)

    refuse_starts(tmp_path)
    supervisor.send_signal(signal.SIGHUP)
    wait_until(lambda: "; the one before goes on" in log_of(tmp_path))

    assert children_of(supervisor.pid) == [first]


def test_a_service_that_has_served_waits_for_one_that_can_start(
    supervise: Supervise, tmp_path: Path
) -> None:
    supervisor = supervise(SERVES)
    first = serving(tmp_path, supervisor)

    let_servers(tmp_path, "Path('begun').touch(); time.sleep(1); sys.exit(3)")
    supervisor.send_signal(signal.SIGHUP)
    wait_until((tmp_path / "begun").exists)
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: "did not begin to serve (3); another is started" in log_of(tmp_path))
    let_servers(tmp_path, SERVES)

    assert serving(tmp_path, supervisor) != first


def test_the_pause_between_starts_is_kept(supervise: Supervise, tmp_path: Path) -> None:
    supervisor = supervise(SERVES)
    first = serving(tmp_path, supervisor)

    let_servers(tmp_path, CANNOT_START)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(subprocess.TimeoutExpired):
        supervisor.wait(3)
    supervisor.kill()
    supervisor.wait(SECONDS)

    assert 2 <= starts(tmp_path) <= 5


def test_a_first_server_that_cannot_start_ends_the_supervisor(
    supervise: Supervise, tmp_path: Path
) -> None:
    assert supervise(CANNOT_START).wait(SECONDS) == 3
    assert starts(tmp_path) == 1
    assert list((tmp_path / "own").iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGUSR1])
def test_what_ends_a_server_goes_to_it(
    supervise: Supervise, tmp_path: Path, number: signal.Signals
) -> None:
    supervisor = supervise(SERVES)
    serving(tmp_path, supervisor)

    supervisor.send_signal(number)

    assert supervisor.wait(SECONDS) == 0
    assert log_of(tmp_path) == ""


def test_what_a_supervisor_does_not_do_is_told(supervise: Supervise, tmp_path: Path) -> None:
    supervisor = supervise(SERVES)
    server = serving(tmp_path, supervisor)

    supervisor.send_signal(signal.SIGUSR2)
    wait_until(lambda: "SIGUSR2 does nothing here; SIGHUP" in log_of(tmp_path), SECONDS)

    assert serving(tmp_path, supervisor) == server


@pytest.mark.parametrize(
    ("listener", "told"), [(OWN_LISTENER, "the server alone"), (GIVEN_LISTENER, "both")]
)
def test_at_the_end_a_socket_of_its_own_is_left_to_the_server(
    supervise: Supervise, tmp_path: Path, listener: tuple[str, ...], told: str
) -> None:
    supervisor = supervise(TELLS_WHO_LISTENS, listener)
    serving(tmp_path, supervisor)
    supervisor.terminate()
    supervisor.wait(SECONDS)

    assert (tmp_path / "told").read_text() == told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_server_ends_that_is_no_program_of_its_own_yet(number: signal.Signals) -> None:
    command = [*OWN_LISTENER, sys.executable, "-P", "-c", ENDED_AT_ONCE, str(int(number))]

    assert subprocess.run(command, check=False, timeout=SECONDS).returncode == 128 + number
