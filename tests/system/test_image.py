"""The image: built by tools/build-image, run as in production, asked over HTTP.

Docker or podman is used when it works here, on the Dockerfile's own base. Otherwise buildah
builds and runs without an engine, on a base that debootstrap makes; both need root for that.
"""

import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.postgres import free_port

pytestmark = pytest.mark.system

_ROOT = Path(__file__).parents[2]
_NAME = f"userapi-test-{secrets.token_hex(4)}"
_IMAGE = f"{_NAME}:latest"
_BASE = "userapi-test-base"
_FOLDER = "/var/lib/userapi"
_USER_ID = "10001"
_NEEDS = "needs docker or podman, or, as root: apt-get install buildah debootstrap"
# Whatever is started with it ends with it and takes its mounts along, however it is ended.
_CONFINED = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

_BASE_TIMEOUT = 600
_BUILD_TIMEOUT = 900
_RUN_TIMEOUT = 60
_START_TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class Containers:
    """Runs commands in containers of the image."""

    run_command: tuple[str, ...]
    inspect_command: tuple[str, ...]
    target: str
    environment: dict[str, str]
    stop_signal: signal.Signals

    def command(self, arguments: list[str], variables: dict[str, str]) -> list[str]:
        given = [f"--env={name}={value}" for name, value in variables.items()]
        return [*self.run_command, *given, self.target, *arguments]

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return _run(
            *self.command(list(arguments), variables),
            environment=self.environment,
            timeout=_RUN_TIMEOUT,
            check=False,
        )

    def configured(self, key: str) -> Any:
        """Return what the image's own configuration has under `key`."""
        answer = _run(*self.inspect_command, environment=self.environment, timeout=_RUN_TIMEOUT)
        return next(value for value in _values(json.loads(answer.stdout), key) if value)

    @contextmanager
    def serving(self, log: Path, **variables: str) -> Iterator[httpx.Client]:
        """Run what the image runs by default, until the block ends."""
        command = self.command(self.configured("Cmd"), variables)
        url = f"http://127.0.0.1:{variables['PORT']}"
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, env=self.environment, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            with httpx.Client(base_url=url, timeout=10, trust_env=False) as client:
                _wait_until_ready(client, process, log)
                yield client
        finally:
            _stop(process, self.stop_signal)


def _run(
    *command: str, environment: dict[str, str], timeout: int, check: bool = True
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, env=environment, timeout=timeout, capture_output=True, text=True, check=False
    )
    if check and done.returncode:
        pytest.fail(f"{' '.join(command)}\n{done.stdout}\n{done.stderr}")
    return done


def _values(document: Any, key: str) -> Iterator[Any]:
    """Find all values of `key`, however deep: each engine describes an image in its own way."""
    if isinstance(document, dict):
        if key in document:
            yield document[key]
        document = list(document.values())
    if isinstance(document, list):
        for part in document:
            yield from _values(part, key)


def _wait_until_ready(client: httpx.Client, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_TIMEOUT
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if client.get("/health/ready").status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.2)
    pytest.fail(f"the service is not ready:\n{log.read_text(encoding='utf-8')}")


def _stop(process: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    process.send_signal(stop_signal)
    try:
        process.wait(_RUN_TIMEOUT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _engine() -> str | None:
    """Return the engine that works here, if any does."""
    for name in ("docker", "podman"):
        if shutil.which(name):
            answer = _run(name, "info", environment={**os.environ}, timeout=60, check=False)
            if answer.returncode == 0:
                return name
    return None


def _can_do_without_engine() -> bool:
    return os.geteuid() == 0 and all(map(shutil.which, ("buildah", "debootstrap")))


def _build(*command: str, builder: str, environment: dict[str, str]) -> None:
    script = str(_ROOT / "tools/build-image")
    given = {**environment, "BUILDER": builder, "IMAGE": _IMAGE}
    _run(*command, script, environment=given, timeout=_BUILD_TIMEOUT)


@contextmanager
def _with_engine(engine: str) -> Iterator[Containers]:
    environment = {**os.environ}
    _build(builder=engine, environment=environment)
    try:
        yield Containers(
            run_command=(engine, "run", "--rm", "--network=host", f"--volume={_NAME}:{_FOLDER}"),
            inspect_command=(engine, "image", "inspect", _IMAGE),
            target=_IMAGE,
            environment=environment,
            stop_signal=signal.SIGTERM,
        )
    finally:
        for leftover in (("volume", "rm", "--force", _NAME), ("image", "rm", _IMAGE)):
            _run(engine, *leftover, environment=environment, timeout=_RUN_TIMEOUT)


@contextmanager
def _without_engine() -> Iterator[Containers]:
    # Whatever buildah writes is in the folder, and so goes away with it.
    with tempfile.TemporaryDirectory(prefix="userapi-image-") as name:
        folder = Path(name)
        environment = {
            **os.environ,
            **_own_store(folder),
            "BUILDAH_ISOLATION": "chroot",
            "TMPDIR": name,
        }
        _make_base(folder, environment)
        flags = {"BASE_IMAGE": f"localhost/{_BASE}", "BUILD_FLAGS": _build_flags(folder)}
        _build(*_CONFINED, builder="buildah", environment={**environment, **flags})
        made = _run("buildah", "from", _IMAGE, environment=environment, timeout=_RUN_TIMEOUT)
        yield Containers(
            run_command=(*_CONFINED, "buildah", "run"),
            inspect_command=("buildah", "inspect", "--type=image", _IMAGE),
            target=made.stdout.strip(),
            environment=environment,
            stop_signal=signal.SIGKILL,
        )


def _own_store(folder: Path) -> dict[str, str]:
    path = folder / "storage.conf"
    path.write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/store"\nrunroot = "{folder}/run"\n',
        encoding="utf-8",
    )
    return {"CONTAINERS_STORAGE_CONF": str(path), "STORAGE_DRIVER": "vfs"}


def _make_base(folder: Path, environment: dict[str, str]) -> None:
    context = folder / "base"
    _run(
        *_CONFINED,
        "debootstrap",
        "--variant=minbase",
        "--include=python3,python3-venv,ca-certificates",
        "bookworm",
        str(context),
        environment=environment,
        timeout=_BASE_TIMEOUT,
    )
    recipe = folder / "Dockerfile"
    recipe.write_text(
        "FROM scratch\nCOPY . /\nENV PATH=/usr/sbin:/usr/bin:/sbin:/bin\n", encoding="utf-8"
    )
    command = ("buildah", "build", f"--tag={_BASE}", f"--file={recipe}", str(context))
    _run(*command, environment=environment, timeout=_BASE_TIMEOUT)


def _build_flags(folder: Path) -> str:
    """Give the build this machine's certificates, and its way to get packages."""
    variables = folder / "pip.conf"
    variables.write_text(_pip_configuration(), encoding="utf-8")
    mounts = {
        "/etc/ssl/certs": Path("/etc/ssl/certs"),
        "/etc/pip.conf": Path("/etc/pip.conf"),
        # pip reads the first of these before the second, as it reads files before variables.
        "/root/.pip/pip.conf": Path("~/.config/pip/pip.conf").expanduser(),
        "/root/.config/pip/pip.conf": variables,
    }
    present = {target: path for target, path in mounts.items() if path.exists()}
    return " ".join(f"--volume={path}:{target}:ro" for target, path in present.items())


def _pip_configuration() -> str:
    options = {
        name.removeprefix("PIP_").lower().replace("_", "-"): value
        for name, value in os.environ.items()
        if name.startswith("PIP_") and name != "PIP_CONFIG_FILE"
    }
    return "\n".join(["[global]", *(f"{name} = {value}" for name, value in options.items()), ""])


@pytest.fixture(scope="module")
def containers() -> Iterator[Containers]:
    engine = _engine()
    if engine is not None:
        with _with_engine(engine) as made:
            yield made
    elif _can_do_without_engine():
        with _without_engine() as made:
            yield made
    elif os.environ.get("CI") == "true":
        pytest.fail(_NEEDS)
    else:
        pytest.skip(_NEEDS)


@pytest.fixture(scope="module")
def production() -> dict[str, str]:
    return {
        "SECRET_KEY": secrets.token_urlsafe(48),
        "JWT_SECRET_KEY": secrets.token_urlsafe(48),
        "DATABASE_URL": f"sqlite:///{_FOLDER}/served.sqlite3",
        "PORT": str(free_port()),
    }


@pytest.fixture(scope="module")
def client(
    containers: Containers,
    production: dict[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[httpx.Client]:
    log = tmp_path_factory.mktemp("image") / "service.log"
    migrated = containers.run("userapi", "db", "upgrade", **production)
    assert migrated.returncode == 0, migrated.stderr
    with containers.serving(log, **production) as client:
        yield client


def test_service_is_ready(client: httpx.Client) -> None:
    answer = client.get("/health/ready")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_somebody_registers(client: httpx.Client) -> None:
    person = {
        "email": "ada@example.com",
        "password": "correct horse battery",
        "first_name": "Ada",
        "last_name": "Lovelace",
    }
    answer = client.post("/api/v1/users", json=person)
    assert answer.status_code == 201
    assert answer.json()["email"] == "ada@example.com"


def test_health_check_answers_for_the_service(
    client: httpx.Client, containers: Containers, production: dict[str, str]
) -> None:
    _, *check = containers.configured("Healthcheck")["Test"]
    assert containers.run(*check, PORT=production["PORT"]).returncode == 0
    assert containers.run(*check, PORT=str(free_port())).returncode != 0


def test_user_is_not_root(containers: Containers) -> None:
    assert containers.run("id", "-u").stdout.strip() == _USER_ID


def test_only_the_working_folder_is_writable(containers: Containers) -> None:
    found = containers.run(
        "find", "/etc", "/opt", "/usr", "/var/lib", "-writable", "-not", "-type", "l"
    )
    assert [path for path in found.stdout.split() if not path.startswith(_FOLDER)] == []
    assert containers.run("test", "-w", _FOLDER).returncode == 0


@pytest.mark.parametrize("name", ["pip", "pip3", "gcc", "make", "hatchling", "pytest"])
def test_has_no_command_for_building(containers: Containers, name: str) -> None:
    assert containers.run("sh", "-c", f"command -v {name}").stdout == ""


def test_has_no_package_for_building(containers: Containers) -> None:
    # The base's own packages count as well.
    packages = _found(containers, "-path", "*-packages/*", "-prune")
    assert "userapi" in packages
    assert packages.isdisjoint({"pip", "setuptools", "hatchling", "editables", "pytest"})


def test_has_none_of_our_tests(containers: Containers) -> None:
    files = _found(containers, "-name", "*.py")
    assert "wsgi.py" in files
    assert files.isdisjoint({"conftest.py", Path(__file__).name})


def test_refuses_to_serve_an_unmigrated_database(
    containers: Containers, production: dict[str, str]
) -> None:
    empty = {**production, "DATABASE_URL": f"sqlite:///{_FOLDER}/empty.sqlite3"}
    refused = containers.run("userapi", "serve", **{**empty, "PORT": str(free_port())})
    assert refused.returncode != 0
    assert _errors(refused) == [
        "Error: the database's schema is behind this version; run: userapi db upgrade"
    ]


def test_refuses_to_serve_without_secrets(
    containers: Containers, production: dict[str, str]
) -> None:
    given = {name: production[name] for name in ("DATABASE_URL", "PORT")}
    refused = containers.run("userapi", "serve", **given)
    assert refused.returncode != 0
    assert "  SECRET_KEY: must be set in production" in refused.stderr
    assert "  JWT_SECRET_KEY: must be set in production" in refused.stderr


def _found(containers: Containers, *conditions: str) -> set[str]:
    listed = containers.run("find", "/", "-xdev", *conditions, "-printf", "%f\\n")
    return set(listed.stdout.splitlines())


def _errors(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return what the service complains of, without what buildah adds of its own."""
    lines = done.stderr.splitlines()
    return [line for line in lines if not re.match("subprocess exited|Error: exit status", line)]
