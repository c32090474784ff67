"""Whether mail can be sent, as `userapi doctor` finds it."""

import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import trustme

from support.applications import application, settings_for_testing
from support.doctor import found
from support.smtp import SMTPServer, smtp_port, smtp_server
from userapi.kit.clock import utc_now

pytestmark = pytest.mark.any_database

CHECK = "check SMTP_HOST, SMTP_PORT, SMTP_SECURITY, SMTP_USERNAME and SMTP_PASSWORD"


def lines(folder: Path, **variables: str) -> list[str]:
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        return found(app, "mail")


def test_mail_that_is_off_is_warned_of(tmp_path: Path) -> None:
    assert lines(tmp_path, MAIL_SENDER="none") == [
        (
            "warning | no mail is sent: addresses are not proven and passwords not reset | set "
            "MAIL_SENDER=smtp"
        )
    ]


def test_mail_that_stays_is_told(tmp_path: Path) -> None:
    assert lines(tmp_path, MAIL_SENDER="file") == ["ok | mails stay here (MAIL_SENDER is file)"]


def test_a_template_that_cannot_be_used_is_told(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "nothing.txt").touch()

    assert lines(tmp_path, MAIL_SENDER="file", MAIL_TEMPLATES=str(tmp_path))[0] == (
        f"failed | a template cannot be used: {tmp_path}/en/nothing.txt: there is no such template "
        "to take the place of; remove it | mend it in MAIL_TEMPLATES"
    )


def test_a_server_that_takes_mail_is_told_and_gets_none(tmp_path: Path, smtp: SMTPServer) -> None:
    assert lines(tmp_path) == [f"ok | 127.0.0.1:{smtp.port} takes mail (none)"]
    assert smtp.received == []


def test_a_server_out_of_reach_is_told(tmp_path: Path) -> None:
    assert lines(tmp_path) == [
        (
            f"failed | 127.0.0.1:{smtp_port()}: the server cannot be reached or broke off "
            f"(Connection refused) | {CHECK}"
        )
    ]


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def variables(authority: trustme.CA, tmp_path: Path) -> dict[str, str]:
    """The settings of a server that speaks TLS and asks for a login."""
    file = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(file))
    return {
        "SMTP_SECURITY": "starttls",
        "SMTP_CA_FILE": str(file),
        "SMTP_USERNAME": "accounts",
        "SMTP_PASSWORD": "right",
    }


@pytest.fixture
def tls_server(request: pytest.FixtureRequest, authority: trustme.CA) -> Iterator[SMTPServer]:
    """A server whose certificate ends after so many days."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ends_at = utc_now() + timedelta(days=request.param)
    authority.issue_cert("127.0.0.1", not_after=ends_at).configure_cert(context)
    with smtp_server(tls_context=context, require_starttls=True, wants_login=True) as server:
        yield server


@pytest.mark.parametrize("tls_server", [60], indirect=True)
def test_tls_and_login_are_tried(
    tmp_path: Path, tls_server: SMTPServer, variables: dict[str, str]
) -> None:
    assert lines(tmp_path, **variables) == [
        f"ok | 127.0.0.1:{tls_server.port} takes mail (starttls)"
    ]
    assert tls_server.logins == [(b"accounts", b"right")]


@pytest.mark.parametrize("tls_server", [3], indirect=True)
def test_a_certificate_that_ends_soon_is_warned_of(
    tmp_path: Path, tls_server: SMTPServer, variables: dict[str, str]
) -> None:
    line = lines(tmp_path, **variables)[1]

    assert line.startswith("warning | the certificate of 127.0.0.1 ends at ")
    assert line.endswith(" UTC | have it renewed, or no mail is sent from then on")


@pytest.mark.parametrize("tls_server", [60], indirect=True)
def test_a_certificate_of_an_unknown_authority_is_told_with_the_setting_that_names_it(
    tmp_path: Path, tls_server: SMTPServer, variables: dict[str, str]
) -> None:
    (line,) = lines(tmp_path, **{**variables, "SMTP_CA_FILE": ""})

    server = f"127.0.0.1:{tls_server.port}"
    assert line.startswith(f"failed | {server}: the server's certificate is not valid: unable to")
    assert " | name the authority's certificate, or the server's own, in SMTP_CA_FILE; " in line


@pytest.mark.parametrize("tls_server", [60], indirect=True)
def test_a_login_that_is_refused_is_told_without_the_password(
    tmp_path: Path, tls_server: SMTPServer, variables: dict[str, str]
) -> None:
    (line,) = lines(tmp_path, **{**variables, "SMTP_PASSWORD": "hunter22"})

    assert line.startswith(f"failed | 127.0.0.1:{tls_server.port}: the server answered 535")
    assert "hunter22" not in line
