from pathlib import Path

import pytest

from config.loading import PRODUCTION, for_development, for_production, for_testing, problems_of
from support.processes import PRODUCTION_MAIL
from userapi.mail.links import LinkKind
from userapi.mail.notices import Notice
from userapi.mail.settings import LinkSettings, MailSettings, ProductSettings, SenderKind
from userapi.mail.smtp_settings import SMTPSecurity, SMTPSettings

SENDING = {**PRODUCTION, **PRODUCTION_MAIL}


def test_production_sends_nothing_unless_it_is_told_to() -> None:
    assert for_production().of(MailSettings).sender is SenderKind.NONE


def test_development_writes_files(tmp_path: Path) -> None:
    settings = for_development(tmp_path)

    assert settings.of(MailSettings).sender is SenderKind.FILE
    assert settings.of(MailSettings).language == "en"


def test_tests_send_to_a_server_of_their_own(tmp_path: Path) -> None:
    settings = for_testing(tmp_path)

    assert settings.of(MailSettings).sender is SenderKind.SMTP
    assert settings.of(SMTPSettings).host == "127.0.0.1"


def test_production_sends_with_a_server() -> None:
    settings = for_production(**SENDING, NOTICES_OFF="role-changed, new-sign-in")

    assert settings.of(SMTPSettings).security is SMTPSecurity.STARTTLS
    assert settings.of(MailSettings).notices_off == (Notice.ROLE_CHANGED, Notice.NEW_SIGN_IN)
    assert settings.of(LinkSettings).public_url == "https://api.example.com"


@pytest.mark.parametrize(
    ("variables", "url"),
    [
        ({}, "http://127.0.0.1:5000"),
        ({"PORT": "5001", "ROOT_PATH": "/auth"}, "http://127.0.0.1:5001/auth"),
        ({"HOST": "::1"}, "http://[::1]:5000"),
        ({"HOST": "0.0.0.0"}, "http://localhost:5000"),
        ({"HOST": "::"}, "http://localhost:5000"),
        ({"HOST": "box.example"}, "http://box.example:5000"),
        ({"PUBLIC_URL": "http://box.example/auth/"}, "http://box.example/auth"),
    ],
)
def test_development_follows_what_it_listens_on(
    tmp_path: Path, variables: dict[str, str], url: str
) -> None:
    assert for_development(tmp_path, **variables).of(LinkSettings).public_url == url


def test_pages_of_a_front_end_are_named_by_their_kind(tmp_path: Path) -> None:
    url = "https://app.example.com/reset?step=1"

    settings = for_development(tmp_path, LINK_URL_RESET=url)

    assert settings.of(LinkSettings).pages() == {LinkKind.RESET: url}


LINKS_ARE_READ = "whoever reads the files could use the links"
NO_HOST = "must be a host such as smtp.example.com, without scheme and port"
NO_TLS = "must be tls or starttls in production, unless SMTP_HOST is this machine's own"
TOO_LIGHT = "white text on it has a contrast of 1.5, and needs 4.5; take a darker one"
NO_BASE = "must be a URL such as https://api.example.com, without ? and # and without user"


@pytest.mark.parametrize(
    ("variables", "problem"),
    [
        (
            {"MAIL_SENDER": "file"},
            f"MAIL_SENDER: must be smtp or none in production: {LINKS_ARE_READ}",
        ),
        ({"MAIL_SENDER": "pigeon"}, "MAIL_SENDER: must be one of smtp, console, file, none"),
        ({"PUBLIC_URL": ""}, "PUBLIC_URL: must be set in production where mail is sent"),
        (
            {"PUBLIC_URL": "http://api.example.com"},
            "PUBLIC_URL: must begin with https:// in production",
        ),
        (
            {"LINK_URL_UNDO": "http://app.example.com"},
            "LINK_URL_UNDO: must begin with https:// in production",
        ),
        ({"MAIL_FROM": ""}, "MAIL_FROM: must be set where mail is sent by smtp"),
        (
            {"MAIL_FROM": "Accounts <accounts@example.com>"},
            "MAIL_FROM: must be one e-mail address such as accounts@example.com, without a name",
        ),
        ({"SMTP_HOST": ""}, "SMTP_HOST: must be set where mail is sent by smtp"),
        ({"SMTP_USERNAME": "u"}, "SMTP_PASSWORD: must be set where SMTP_USERNAME is"),
        ({"SMTP_PASSWORD": "p"}, "SMTP_USERNAME: must be set where SMTP_PASSWORD is"),
        (
            {"SMTP_SECURITY": "none"},
            f"SMTP_SECURITY: {NO_TLS}",
        ),
        ({"SMTP_HOST": "smtp.example.com:587"}, f"SMTP_HOST: {NO_HOST}"),
        ({"SMTP_HOST": "https://smtp.example.com"}, f"SMTP_HOST: {NO_HOST}"),
        (
            {"SMTP_SECURITY": "tls"},
            "SMTP_PORT: 587 is for starttls: set SMTP_SECURITY=starttls, or SMTP_PORT=465",
        ),
        (
            {"SMTP_PORT": "465"},
            "SMTP_PORT: 465 is for tls: set SMTP_SECURITY=tls, or SMTP_PORT=587",
        ),
        ({"SMTP_CA_FILE": "/no/such.pem"}, "SMTP_CA_FILE: must be a file that exists"),
        ({"SMTP_CA_FILE": __file__}, "SMTP_CA_FILE: must be a file with certificates in PEM"),
        (
            {"SMTP_TIMEOUT_SECONDS": "31"},
            "SMTP_TIMEOUT_SECONDS: must be a whole number of seconds from 1 to 30",
        ),
        (
            {"MAIL_LANGUAGE": "fr"},
            "MAIL_LANGUAGE: must be a language with all templates: de, en",
        ),
        ({"MAIL_TEMPLATES": "/no/such"}, "MAIL_TEMPLATES: must be a folder that exists"),
        ({"MAIL_COLOUR": "blue"}, "MAIL_COLOUR: must be a colour such as #1a5fb4"),
        (
            {"MAIL_COLOUR": "#ffcc00"},
            f"MAIL_COLOUR: is too light: {TOO_LIGHT}",
        ),
        (
            {"PRODUCT_NAME": "\u202e"},
            "PRODUCT_NAME: must be one line of at most 60 characters that can be seen",
        ),
        (
            {"NOTICES_OFF": "role-changed,all"},
            f"NOTICES_OFF: must be some of {', '.join(Notice)}, with commas",
        ),
        ({"MAIL_MAX_PER_HOUR": "0"}, "MAIL_MAX_PER_HOUR: must be a whole number from 1 to 1000"),
        (
            {"MAIL_RETENTION_DAYS": "0"},
            "MAIL_RETENTION_DAYS: must be a whole number of days from 1 to 3650",
        ),
    ],
)
def test_a_bad_value_is_told_with_its_variable(variables: dict[str, str], problem: str) -> None:
    assert problems_of("production", {**SENDING, **variables}) == (problem,)


@pytest.mark.parametrize(
    "url",
    [
        "api.example.com",
        "ftp://api.example.com",
        "https://",
        "https://user:pass@api.example.com",
        "https://api.example.com/#x",
        "https://api.example.com/ x",
        "https://api.example.com:0",
        "https://api.example.com:x",
        'https://api.example.com/"><script>',
        "https://api.example.com/?x=1",
        f"https://api.example.com/{'x' * 500}",
    ],
)
def test_what_is_no_url_to_build_on_is_refused(url: str) -> None:
    assert problems_of("production", {**SENDING, "PUBLIC_URL": url}) == (f"PUBLIC_URL: {NO_BASE}",)


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_a_server_on_this_machine_needs_no_tls(host: str) -> None:
    variables = {**SENDING, "SMTP_HOST": host, "SMTP_SECURITY": "none"}

    assert for_production(**variables).of(SMTPSettings).security is SMTPSecurity.NONE


def test_a_server_that_is_not_used_is_not_checked() -> None:
    for_production(SMTP_SECURITY="none", SMTP_USERNAME="u")


def test_a_name_in_any_script_and_a_dark_colour_are_taken() -> None:
    settings = for_production(PRODUCT_NAME="Überprüfung", MAIL_COLOUR="#000080")

    assert settings.of(ProductSettings) == ProductSettings(name="Überprüfung", colour="#000080")


def test_a_password_is_not_shown() -> None:
    settings = for_production(**SENDING, SMTP_USERNAME="u", SMTP_PASSWORD="canary-password")

    assert "canary-password" not in repr(settings)
