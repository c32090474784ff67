"""Caddy with the configuration that deploy/ ships, on ports of a test's own."""

import contextlib
import os
import shutil
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from support.manifests import DEPLOY
from support.processes import clean_environment, free_port, running

CADDYFILE = DEPLOY / "proxy" / "Caddyfile"
NEEDED = "caddy is missing; install the Debian package caddy"


def caddy() -> str:
    """Return the program."""
    program = shutil.which("caddy")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(NEEDED)
    return str(program)


@contextlib.contextmanager
def caddy_before(
    upstreams: str, folder: Path, authority: ssl.SSLContext, tls: str
) -> Iterator[str]:
    """Run it before the services at `upstreams`, with the line `tls`; yield its URL."""
    port = free_port()
    url = f"https://localhost:{port}"
    variables = clean_environment(
        SITE_ADDRESS=f"localhost:{port}",
        UPSTREAMS=upstreams,
        PROXY_TLS=tls,
        XDG_DATA_HOME=str(folder),
        XDG_CONFIG_HOME=str(folder),
    )
    # Beside the site it would redirect from port 80, which is nobody's in a test.
    configuration = folder / "Caddyfile"
    text = CADDYFILE.read_text(encoding="utf-8")
    options = "\tadmin off\n\tauto_https disable_redirects\n"
    configuration.write_text(text.replace("\tadmin off\n", options), encoding="utf-8")
    with running(
        *(caddy(), "run", "--config", str(configuration), "--adapter", "caddyfile"),
        log=folder / "caddy.log",
        is_ready=lambda: _answers(url, authority),
        env=variables,
    ):
        yield url


def _answers(url: str, authority: ssl.SSLContext) -> bool:
    """Say whether it answers, whatever that is: the path is one that it answers itself."""
    try:
        return httpx.get(f"{url}/metrics", verify=authority, trust_env=False).status_code == 404
    except httpx.TransportError:
        return False
