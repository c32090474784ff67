"""`tools/generate-sdk`, and the generators by hand, as docs/sdk.md has it."""

import filecmp
import os
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sdk.generating import ROOT
from sdk.stories import DOCS, PRINTED_ADDRESS
from support.node import FOLDER as NODE
from support.processes import clean_environment, live_server, run

pytestmark = pytest.mark.system


def differences(compared: filecmp.dircmp[str]) -> list[str]:
    """Return the files that are different, or only in one of two folders."""
    found = [*compared.left_only, *compared.right_only, *compared.diff_files]
    return found + [name for each in compared.subdirs.values() for name in differences(each)]


def test_generating_again_writes_the_same_and_leaves_nothing_stale(
    sdk: Path, generators: dict[str, str], tmp_path: Path
) -> None:
    for stale in ("python/userapi_client/models/stale.py", "typescript/src/stale.gen.ts"):
        (tmp_path / stale).parent.mkdir(parents=True)
        (tmp_path / stale).write_text("")
    done = run(f"{ROOT}/tools/generate-sdk", str(tmp_path), folder=ROOT, variables=generators)
    assert done.stdout.splitlines() == [
        f"Wrote {tmp_path}/python: the package userapi_client",
        f"Wrote {tmp_path}/typescript: the package userapi-client",
    ]
    assert differences(filecmp.dircmp(sdk, tmp_path)) == []


@pytest.mark.parametrize(
    ("programs", "hint"),
    [
        ([], "there is no 'node'; install Node.js 20 or later"),
        (["node"], "there is no 'openapi-python-client'; run make sdk"),
    ],
)
def test_a_missing_tool_is_named(programs: list[str], hint: str, tmp_path: Path) -> None:
    tools, programs_folder = tmp_path / "tools", tmp_path / "programs"
    tools.mkdir()
    programs_folder.mkdir()
    shutil.copy(ROOT / "tools" / "generate-sdk", tools)
    for program in (*programs, "sh", "dirname", "mkdir"):
        (programs_folder / program).symlink_to(shutil.which(program) or "/nowhere")
    variables = clean_environment(PATH=str(programs_folder))
    done = run(f"{tools}/generate-sdk", folder=tmp_path, variables=variables)
    assert done.returncode == 1
    assert done.stderr.startswith(f"Error: {hint}")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True, scope="session")
def test_the_generators_read_a_running_service(
    sdk: Path, generators: dict[str, str], database_url: str, tmp_path: Path
) -> None:
    commands = re.findall(r"^    (.* http.*/openapi\.json .*)$", DOCS, re.MULTILINE)
    assert len(commands) == 2
    path = f"{NODE / 'node_modules' / '.bin'}{os.pathsep}{generators['PATH']}"
    variables = {**generators, "PATH": path, "RUFF_NO_CACHE": "true"}
    with live_server(database_url, tmp_path) as url:
        for command in commands:
            words = shlex.split(command.replace(PRINTED_ADDRESS, url))
            done = run(*words, folder=tmp_path, variables=variables)
            assert done.returncode == 0, done.stdout + done.stderr
    assert differences(filecmp.dircmp(sdk / "python", tmp_path / "userapi-client")) == []
    assert {path.name for path in (tmp_path / "src" / "userapi-client").glob("*.ts")} == {
        path.name for path in (sdk / "typescript" / "src").glob("*.ts")
    }
