"""The built wheel alone, without the source tree, is the whole product."""

import shutil
import sys
import zipfile
from pathlib import Path

import pytest

from support.paths import LOGIN
from support.processes import clean_environment, client_of, free_port, run_python, serving

pytestmark = pytest.mark.system

REPOSITORY = Path(__file__).parents[2]
OFFLINE = ["--no-deps", "--no-index", "--quiet", "--disable-pip-version-check"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, freshly built."""
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", ".", *OFFLINE, "--no-build-isolation", "-w", str(folder)]
    ended = run_python(*command, folder=REPOSITORY, variables=uncovered())
    assert ended.returncode == 0, ended.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def site(wheel: Path) -> Path:
    """A folder into which the wheel is installed."""
    folder = wheel.parent / "site"
    command = ["-m", "pip", "install", *OFFLINE, "--target", str(folder), str(wheel)]
    ended = run_python(*command, folder=wheel.parent, variables=uncovered())
    assert ended.returncode == 0, ended.stderr
    return folder


@pytest.fixture
def variables(site: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a process that uses the installed copy, in development."""
    return uncovered(PYTHONPATH=str(site), PORT=str(free_port()), WEB_CONCURRENCY="1")


def uncovered(**variables: str) -> dict[str, str]:
    """Leave the measuring of coverage out: the copy is not the source tree."""
    kept = clean_environment(**variables)
    return {name: value for name, value in kept.items() if not name.startswith("COVERAGE_")}


def test_two_builds_of_a_commit_are_the_same_bytes(tmp_path: Path) -> None:
    builds = []
    for name, zone in (("one", "UTC"), ("two", "Pacific/Auckland")):
        copy = tmp_path / name / "source"
        for part in ("src", "alembic"):
            shutil.copytree(
                REPOSITORY / part, copy / part, ignore=shutil.ignore_patterns("__pycache__")
            )
        for part in ("pyproject.toml", "alembic.ini", "README.md", "LICENSE", "CHANGELOG.md"):
            shutil.copyfile(REPOSITORY / part, copy / part)
        ended = run_python(
            *("-m", "hatchling", "build"),
            folder=copy,
            variables=uncovered(SOURCE_DATE_EPOCH="1700000000", TZ=zone),
        )
        assert ended.returncode == 0, ended.stderr
        builds.append({path.name: path.read_bytes() for path in (copy / "dist").iterdir()})

    assert sorted(Path(name).suffix for name in builds[0]) == [".gz", ".whl"]
    assert builds[0] == builds[1]


def test_the_wheel_has_everything_and_no_more(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()

    assert {
        "userapi/_alembic/env.py",
        "userapi/_alembic/script.py.mako",
        "userapi/_alembic/versions/0001_starting_schema.py",
        "userapi/py.typed",
        "userapi/testing/plugin.py",
        "userapi/web/static/docs.js",
    } <= set(names)
    assert {name.split("/")[0].split("-")[0] for name in names} == {"userapi"}
    others = [name for name in names if not name.startswith("userapi/testing/")]
    assert not [name for name in others if "test" in name or "__pycache__" in name]


def test_the_installed_copy_migrates_seeds_and_serves(
    site: Path, tmp_path: Path, variables: dict[str, str]
) -> None:
    userapi = str(site / "bin" / "userapi")
    used = run_python(
        "-c", "print(__import__('userapi').__file__)", folder=tmp_path, variables=variables
    )
    assert used.stdout.strip() == str(site / "userapi" / "__init__.py")

    for command in (["db", "upgrade"], ["db", "check"], ["seed-db"]):
        ended = run_python(userapi, *command, folder=tmp_path, variables=variables)
        assert ended.returncode == 0, ended.stderr

    revised = run_python(
        userapi, "db", "revision", "-m", "mine", folder=tmp_path, variables=variables
    )
    assert "are of an installed package, and none is written there" in revised.stderr

    port = int(variables["PORT"])
    server = [sys.executable, userapi, "serve"]
    with (
        serving(*server, folder=tmp_path, variables=variables, port=port) as url,
        client_of(url) as client,
    ):
        admin = {"email": "admin@example.com", "password": "admin123"}
        assert client.post(LOGIN, json=admin).status_code == 200
        assert client.get("/docs").status_code == 200
