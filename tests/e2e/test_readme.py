"""What the README shows, done as it is printed."""

import re
import subprocess
from pathlib import Path

import pytest

from support.processes import live_server

pytestmark = pytest.mark.any_database

README = Path(__file__).parents[2] / "README.md"
PRINTED_ADDRESS = "http://127.0.0.1:5000"


def test_the_walk_works_as_printed(database_url: str, tmp_path: Path) -> None:
    walk = re.search(r"<!-- walk -->\n```bash\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    assert walk is not None
    assert PRINTED_ADDRESS in walk[1]

    with live_server(database_url, tmp_path) as url:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", walk[1].replace(PRINTED_ADDRESS, url)],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    assert done.returncode == 0, done.stderr
    assert "Augusta Lovelace" in done.stdout
    assert done.stdout.count('"code": "session-ended"') == 2
