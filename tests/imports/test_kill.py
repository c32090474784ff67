"""A process that imports is killed in the middle, and another one goes on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import Engine, func, select

from imports.conftest import person
from support.databases import engine_on, on_postgresql
from support.processes import environment_for_testing, run_python
from userapi.users.models import User

ROWS = 25_000


def count_users(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.scalar(select(func.count(User.id))) or 0


@on_postgresql
def test_a_kill_and_a_resume_lose_and_double_nothing(database_url: str, tmp_path: Path) -> None:
    file, variables = tmp_path / "users.ndjson", environment_for_testing(database_url, tmp_path)
    rows = (person(f"p{number}", role="x" if number == 7 else "user") for number in range(ROWS))
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    command = ("-m", "userapi", "users", "import", str(file), "--report", "report.ndjson")
    with engine_on(database_url) as engine:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=tmp_path, env=variables, stderr=subprocess.PIPE
        )
        assert process.stderr is not None
        begun = process.stderr.readline().split()[-1].decode()
        while count_users(engine) == 0 and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        at_kill = count_users(engine)

        resumed = run_python(*command, "--resume", begun, folder=tmp_path, variables=variables)

        assert 0 < at_kill < ROWS - 1
        assert resumed.stdout == f"Imported: {ROWS - 1} created, 0 updated, 0 skipped, 1 refused.\n"
        assert count_users(engine) == ROWS - 1
    assert len((tmp_path / "report.ndjson").read_text(encoding="utf-8").splitlines()) == 1
