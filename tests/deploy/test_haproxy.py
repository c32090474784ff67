"""The configuration for haproxy, as haproxy reads it, and what it does with requests."""

import re
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from support.databases import Server
from support.haproxy import CONFIGURATION, SERVED_BY, HAProxy, haproxy_before, haproxy_program
from support.paths import LIVE, LOGIN, READY
from support.processes import client_of, free_port, live_server, wait_until
from support.sockets import connection_to, raw_answer

pytestmark = [pytest.mark.system, pytest.mark.any_database]

ABSENT = "/etc/haproxy/certs/api.example.com.pem"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "api.example.com")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server and haproxy write."""
    return tmp_path_factory.mktemp("haproxy")


@pytest.fixture(scope="module")
def proxy(server: Server, template_url: str, folder: Path) -> Iterator[HAProxy]:
    """haproxy before a server that trusts it, and before another one that is not there."""
    with (
        server.copy_of(template_url) as database_url,
        live_server(database_url, folder, TRUSTED_PROXIES="1") as url,
    ):
        ports = {"one": int(url.rsplit(":", 1)[1]), "two": free_port()}
        with haproxy_before(ports, folder) as running:
            wait_until(lambda: running.status("two").startswith("DOWN"))
            wait_until(lambda: running.status("one").startswith("UP"))
            yield running


def test_haproxy_understands_the_configuration(tmp_path: Path, certificate: Path) -> None:
    copy = tmp_path / "haproxy.cfg"
    copy.write_text(CONFIGURATION.read_text().replace(ABSENT, str(certificate)))

    checked = subprocess.run(
        [haproxy_program(), "-c", "-q", "-f", str(copy)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/metrics/x", "/%6detrics", "//metrics", "/metrics?a", "/auth/metrics", READY],
)
def test_what_operators_ask_is_hidden(proxy: HAProxy, path: str) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: api\r\n\r\n".encode()

    with connection_to(proxy.url) as connection:
        connection.sendall(request)
        answer = raw_answer(connection)

    assert answer.status == httpx.codes.NOT_FOUND
    assert SERVED_BY not in answer.headers


def test_clients_do_not_choose_their_names_and_addresses(proxy: HAProxy, folder: Path) -> None:
    chosen = {
        "X-Request-Id": "chosen",
        "X-Forwarded-For": "198.51.100.7",
        "X-Forwarded-Prefix": "/chosen",
    }

    with client_of(proxy.url, headers=chosen) as client:
        answer = client.post(LOGIN, json={})

    assert re.fullmatch("[0-9a-f-]{36}", answer.headers["X-Request-Id"])
    assert "/chosen" not in answer.text
    (log,) = folder.glob("server-*.log")
    assert f'127.0.0.1 "POST {LOGIN}" 400' in log.read_text()


def test_a_server_that_is_drained_gets_nothing_and_problems_tell_it(proxy: HAProxy) -> None:
    with client_of(proxy.url) as client:
        before = client.get(LIVE).status_code
        proxy.drain("one")
        refused = client.get(LIVE)
        proxy.admit("one")
        after = client.get(LIVE).status_code

    assert (before, after) == (httpx.codes.OK, httpx.codes.OK)
    assert refused.status_code == httpx.codes.SERVICE_UNAVAILABLE
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert refused.headers["Retry-After"] == "5"
    assert refused.json()["status"] == httpx.codes.SERVICE_UNAVAILABLE
