"""nginx in front of the service, as docs/deployment.md has it, without TLS."""

import contextlib
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.processes import free_port, running

NEEDED = "nginx is missing; install the Debian package nginx-light"
_CONFIGURATION = """
daemon off;
worker_processes 1;
error_log stderr;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    gzip on;
    gzip_proxied any;
    gzip_min_length 1;
    gzip_types application/json application/problem+json;
    server {{
        listen 127.0.0.1:{port};
        client_max_body_size 1m;
        location / {{
            proxy_pass {upstream};
            proxy_set_header Host $host;
            proxy_set_header X-Forwarded-For {forwarded};
            proxy_set_header X-Request-Id $request_id;
        }}
    }}
}}
"""


@contextlib.contextmanager
def nginx_before(upstream: str, folder: Path, *, forwarded: str) -> Iterator[str]:
    """Run nginx, which compresses, before the service at `upstream`; yield its URL.

    `forwarded` is what it says in `X-Forwarded-For`.
    """
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.fail(NEEDED)
    port = free_port()
    configuration = folder / "nginx.conf"
    configuration.write_text(
        _CONFIGURATION.format(folder=folder, port=port, upstream=upstream, forwarded=forwarded),
        encoding="utf-8",
    )
    with running(
        *(program, "-p", str(folder), "-c", str(configuration), "-e", "stderr"),
        log=folder / "nginx.log",
        is_ready=lambda: _listens(port),
    ):
        yield f"http://127.0.0.1:{port}"


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
