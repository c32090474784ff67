"""The service behind the proxy that deploy/compose.yaml starts, over TLS."""

import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
import trustme

from support.accounts import REGISTRATION
from support.caddy import CADDYFILE, caddy, caddy_before
from support.paths import LIVE, READY, USERS
from support.processes import free_port
from support.production import production_server

pytestmark = [pytest.mark.system, pytest.mark.any_database]

FORGED = {
    "X-Forwarded-For": "198.51.100.7",
    "X-Forwarded-Prefix": "/forged",
    "Forwarded": "for=198.51.100.7",
    "X-Request-Id": "forged",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxied")


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture(scope="module")
def tls(folder: Path, authority: trustme.CA) -> str:
    """The line that names a certificate of one's own."""
    certificate = authority.issue_cert("localhost")
    certificate.cert_chain_pems[0].write_to_path(folder / "cert.pem")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    return f"tls {folder}/cert.pem {folder}/key.pem"


@pytest.fixture(scope="module")
def url(folder: Path, trusting: ssl.SSLContext, tls: str) -> Iterator[str]:
    """The URL of a service of two addresses, at one of which nobody listens."""
    with production_server(folder, TRUSTED_PROXIES="1") as upstream:
        upstreams = f"{urlsplit(upstream).netloc} 127.0.0.1:{free_port()}"
        with caddy_before(upstreams, folder, trusting, tls) as proxied:
            yield proxied


@pytest.fixture(scope="module")
def client(url: str, trusting: ssl.SSLContext) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, verify=trusting, trust_env=False, timeout=20) as client:
        yield client


def test_caddy_finds_nothing_wrong_with_the_configuration() -> None:
    for command in (["validate", "--adapter", "caddyfile", "--config"], ["fmt", "--diff"]):
        done = subprocess.run(
            [caddy(), *command, str(CADDYFILE)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert not [line for line in done.stdout.splitlines() if line.startswith(("+", "-"))]


def test_somebody_registers_over_tls(client: httpx.Client) -> None:
    answer = client.post(USERS, json=REGISTRATION)

    assert answer.status_code == 201
    assert "Alt-Svc" not in answer.headers


def test_what_a_client_says_of_itself_is_not_passed_on(client: httpx.Client, folder: Path) -> None:
    answer = client.get(f"{LIVE}?forged", headers=FORGED)

    name = answer.headers["X-Request-Id"]
    (log,) = folder.glob("server-*.log")
    (line,) = [line for line in log.read_text("utf-8").splitlines() if name in line]
    assert len(name) == 36
    assert "127.0.0.1" in line
    assert "198.51.100.7" not in line
    assert client.get(f"{USERS}/none", headers=FORGED).json()["instance"] == f"{USERS}/none"


@pytest.mark.parametrize(
    "path",
    [
        READY,
        f"{READY}/",
        f"{READY}?x",
        "/HEALTH/READY",
        "/health/%72eady",
        "/health//ready",
        "//health/ready",
        "/./health/ready",
        "/docs/../health/ready",
        "/docs/%2e%2e/health/ready",
        "/auth/health/ready",
        "/metrics",
        "/metrics/",
        "/%6detrics",
        "//metrics",
        "/auth/metrics",
    ],
)
def test_strangers_do_not_see_what_is_for_operators(
    url: str, trusting: ssl.SSLContext, path: str
) -> None:
    # By hand, because a client would tidy the path up.
    address = urlsplit(url)
    plain = socket.create_connection((address.hostname, address.port), timeout=10)
    with trusting.wrap_socket(plain, server_hostname="localhost") as stream:
        head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nConnection: close\r\n\r\n"
        stream.sendall(head.encode())
        answer = b"".join(iter(lambda: stream.recv(65536), b""))

    assert answer.split()[1] in {b"404", b"308", b"400"}
    assert b'"ok"' not in answer
    assert b"# HELP" not in answer


def test_a_service_that_does_not_answer_is_told_as_a_problem(
    tmp_path: Path, trusting: ssl.SSLContext, tls: str
) -> None:
    nobody = f"127.0.0.1:{free_port()}"
    with caddy_before(nobody, tmp_path, trusting, tls) as url:
        answer = httpx.get(f"{url}{LIVE}", verify=trusting, trust_env=False, timeout=20)

    assert answer.status_code == 503
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Retry-After"] == "5"
    assert answer.json()["status"] == 503
