"""Containers of the image that tools/build-image builds.

Docker or podman is used when it works here, on the Dockerfile's own base. Otherwise buildah
builds and runs without an engine, on a base that debootstrap makes; both need root for that.
"""

import json
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from support.paths import READY
from support.processes import children_of, client_of, serving, wait_until

_ROOT = Path(__file__).parents[2]
_NAME = f"userapi-test-{secrets.token_hex(4)}"
_IMAGE = f"{_NAME}:latest"
_BASE = "userapi-test-base"
WORKING_FOLDER = "/var/lib/userapi"
"""The folder of the service in the container."""
NEEDED = "needs docker or podman, or, as root: apt-get install buildah debootstrap"
"""What is missing where no image can be built."""
# Whatever is started with it ends with it and takes its mounts along, however it is ended.
_CONFINED = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")

# buildah has no option for it. The root is mounted anew, and the rights for that are given up.
_READ_ONLY = f"""
mount -t tmpfs tmpfs /tmp
mount --bind {WORKING_FOLDER} {WORKING_FOLDER}
mount -o remount,ro,bind /
exec setpriv --reuid=10001 --regid=10001 --clear-groups --inh-caps=-all --bounding-set=-all "$@"
"""
# What docs/deployment.md and the manifests grant.
_GRACE = 35
_BASE_TIMEOUT = 600
_BUILD_TIMEOUT = 900
_RUN_TIMEOUT = 60


@dataclass(frozen=True, kw_only=True)
class Containers:
    """Runs commands in containers of the image."""

    run_command: tuple[str, ...]
    inspect_command: tuple[str, ...]
    target: str
    environment: dict[str, str]
    stop_signal: signal.Signals
    is_engine: bool

    def command(self, arguments: list[str], variables: dict[str, str]) -> list[str]:
        given = [f"--env={name}={value}" for name, value in variables.items()]
        return [*self.run_command, *given, self.target, *arguments]

    def read_only_command(self, arguments: list[str], variables: dict[str, str]) -> list[str]:
        """Return what runs that where nothing but /tmp and the working folder can be written to."""
        given = [f"--env={name}={value}" for name, value in variables.items()]
        if self.is_engine:
            return [
                *self.run_command,
                "--read-only",
                "--tmpfs=/tmp",
                *given,
                self.target,
                *arguments,
            ]
        rights = ("--user=0", "--cap-add=CAP_SYS_ADMIN")
        script = ["sh", "-euc", _READ_ONLY, "-", *arguments]
        return [*self.run_command, *rights, *given, self.target, "--", *script]

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
    def serving(self, folder: Path, **variables: str) -> Iterator[str]:
        """Run what the image runs by default, until the block ends; yield its URL."""
        with serving(
            *self.command(self.configured("Cmd"), variables),
            folder=folder,
            variables=self.environment,
            port=int(variables["PORT"]),
            stop_signal=self.stop_signal,
        ) as url:
            yield url

    def status_after_sigterm(self, command: list[str], folder: Path, port: int) -> int:
        """Run a command that serves, send it SIGTERM when it is ready, and return its status."""
        with (folder / "terminated.log").open("wb") as log:
            process = subprocess.Popen(
                command, env=self.environment, stdout=log, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: _is_ready(port))
            target = process.pid if self.is_engine else _service_below(process.pid)
            assert target, "the service was not found among what buildah has started"
            os.kill(target, signal.SIGTERM)
            return process.wait(_GRACE)
        finally:
            process.kill()
            process.wait(_RUN_TIMEOUT)


def _is_ready(port: int) -> bool:
    with client_of(f"http://127.0.0.1:{port}") as client:
        try:
            return client.get(READY).is_success
        except httpx.TransportError:
            return False


def _service_below(pid: int) -> int:
    """Return the service among what buildah has started; engines pass the signal on."""
    for child in children_of(pid):
        words = Path(f"/proc/{child}/cmdline").read_bytes().split(b"\0")
        if b"serve" in words and b"buildah" not in words[0] and b"unshare" not in words[0]:
            return child
        found = _service_below(child)
        if found:
            return found
    return 0


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


@contextmanager
def built_image() -> Iterator[Containers | None]:
    """Build the image for the block; yield None where nothing that builds one works."""
    engine = _engine()
    if engine is not None:
        with _with_engine(engine) as containers:
            yield containers
    elif os.geteuid() == 0 and all(map(shutil.which, ("buildah", "debootstrap"))):
        with _without_engine() as containers:
            yield containers
    else:
        yield None


def _engine() -> str | None:
    """Return the engine that works here, if any does."""
    for name in ("docker", "podman"):
        if shutil.which(name):
            answer = _run(name, "info", environment={**os.environ}, timeout=60, check=False)
            if answer.returncode == 0:
                return name
    return None


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
            run_command=(
                engine,
                "run",
                "--rm",
                "--network=host",
                f"--volume={_NAME}:{WORKING_FOLDER}",
            ),
            inspect_command=(engine, "image", "inspect", _IMAGE),
            target=_IMAGE,
            environment=environment,
            stop_signal=signal.SIGTERM,
            is_engine=True,
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
            is_engine=False,
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
