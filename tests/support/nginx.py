"""nginx in front of the service, as deploy/nginx has it, on ports of a test's own."""

import contextlib
import os
import re
import shutil
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trustme

from support.manifests import DEPLOY
from support.processes import free_port, running
from support.sockets import RawAnswer, connection_to, raw_answer

NEEDED = "nginx is missing; install the Debian package nginx-light"
WHOLE = DEPLOY / "nginx" / "userapi.conf"
PREFIXED = DEPLOY / "nginx" / "userapi-prefix.conf"
_ADDRESS = r"127\.0\.0\.1:5000"
_FORWARDED = r"X-Forwarded-For \$remote_addr;"
_AROUND = """
daemon off;
{user}
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
    {inside}
}}
"""
_OTHER_SITE = """
server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/cert.pem;
    ssl_certificate_key {folder}/key.pem;
    location / {{ return 410; }}
    location ~ ready$ {{ return 410; }}
    {inside}
}}
"""


@dataclass(frozen=True)
class Nginx:
    """A running nginx: where it speaks TLS, where it does not, and who signed its certificate."""

    url: str
    plain_url: str
    authority: Path
    log: Path

    def ask(self, path: str) -> RawAnswer:
        """Ask for a path as it is: a client would tidy it up."""
        context = ssl.create_default_context(cafile=str(self.authority))
        request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        plain = connection_to(self.url)
        connection = context.wrap_socket(plain, server_hostname="localhost")
        connection.sendall(request.encode())
        return raw_answer(connection)


@contextlib.contextmanager
def nginx_before(
    upstream: str, folder: Path, *, forwarded: str = "$remote_addr"
) -> Iterator[Nginx]:
    """Run nginx, which compresses, before the service at `upstream`.

    `forwarded` is what it says in `X-Forwarded-For`.
    """
    port, plain = free_port(), free_port()
    inside = _changed(
        WHOLE,
        (r"^    listen \[::\]:.*\n", ""),
        (r"listen 80;", f"listen 127.0.0.1:{plain};"),
        (r"listen 443 ssl;", f"listen 127.0.0.1:{port} ssl;"),
        (r"/etc/ssl/api\.example\.com\.pem", f"{folder}/cert.pem"),
        (r"/etc/ssl/api\.example\.com\.key", f"{folder}/key.pem"),
        (_ADDRESS, urlsplit(upstream).netloc),
        (_FORWARDED, f"X-Forwarded-For {forwarded};"),
    )
    with _nginx(inside, folder, port, plain) as started:
        yield started


@contextlib.contextmanager
def nginx_below_a_site(upstream: str, folder: Path) -> Iterator[Nginx]:
    """Run nginx for another site, which has the service at `upstream` under `/auth/`."""
    port = free_port()
    inside = _changed(PREFIXED, (_ADDRESS, urlsplit(upstream).netloc))
    site = _OTHER_SITE.format(folder=folder, port=port, inside=inside)
    with _nginx(site, folder, port, port) as started:
        yield started


@contextlib.contextmanager
def _nginx(inside: str, folder: Path, port: int, plain: int) -> Iterator[Nginx]:
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        pytest.fail(NEEDED)
    _write_certificate(folder)
    configuration, log = folder / "nginx.conf", folder / "nginx.log"
    # Its workers would be somebody who may not write there.
    user = "user root;" if os.geteuid() == 0 else ""
    text = _AROUND.format(folder=folder, user=user, inside=inside)
    configuration.write_text(text, encoding="utf-8")
    with running(
        *(program, "-p", str(folder), "-c", str(configuration), "-e", "stderr"),
        log=log,
        is_ready=lambda: _listens(port),
    ):
        yield Nginx(
            f"https://localhost:{port}", f"http://localhost:{plain}", folder / "ca.pem", log
        )


def _changed(file: Path, *changes: tuple[str, str]) -> str:
    text = file.read_text(encoding="utf-8")
    for pattern, put in changes:
        text, found = re.subn(pattern, put, text, flags=re.MULTILINE)
        assert found, f"{file.name} has no {pattern}"
    return text


def _write_certificate(folder: Path) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost", "127.0.0.1")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")


def _listens(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=2):
            return True
    except OSError:
        return False
