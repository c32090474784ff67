"""What developers see of the mails that were sent."""

import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from config.loading import for_development
from support.applications import application, settings_for_testing
from support.rows import NOON
from userapi.mail.feature import mail_folder
from userapi.mail.message import MessageWriter
from userapi.mail.rendering import RenderedMail
from userapi.web.pages import PAGE_POLICY

PAGE = "/docs/mail"


def app_status(app: Flask, **request: Any) -> int:
    return app.test_client().get(PAGE, **request).status_code


def test_the_page_shows_mails_with_their_links(writer: MessageWriter, tmp_path: Path) -> None:
    settings = for_development(tmp_path)
    text = "Go:\n\nhttp://127.0.0.1:5000/links/reset#urt_x\n\n<script>alert(1)</script>\n"
    rendered = RenderedMail(subject="A <b>subject</b>", text=text, html="<p></p>")
    message = writer.write(
        rendered, mail_id=uuid.uuid4(), recipient="ada@example.com", caused_at=NOON
    )
    mail_folder(settings).send(message, "ada@example.com")

    with application(settings) as app:
        answer = app.test_client().get(PAGE)

    assert answer.status_code == 200
    assert answer.headers["Content-Security-Policy"] == PAGE_POLICY
    assert answer.headers["Cache-Control"] == "no-store"
    assert '<a href="http://127.0.0.1:5000/links/reset#urt_x"' in answer.text
    assert "A &lt;b&gt;subject&lt;/b&gt;" in answer.text
    assert "<script" not in answer.text
    assert "To ada@example.com" in answer.text


@pytest.fixture(scope="module")
def developers_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application of a developer who has sent nothing."""
    with application(for_development(tmp_path_factory.mktemp("development"))) as app:
        yield app


def test_the_page_is_there_before_anything_was_sent(developers_app: Flask) -> None:
    assert "Nothing yet." in developers_app.test_client().get(PAGE).text


@pytest.mark.parametrize(
    "variables",
    [
        {"HOST": "0.0.0.0"},
        {"HOST": "192.0.2.1"},
        {"MAIL_SENDER": "none"},
        {"MAIL_SENDER": "smtp", "SMTP_HOST": "127.0.0.1"},
        {"DOCS_ENABLED": "false"},
        {"OPENAPI_ENABLED": "false"},
    ],
)
def test_the_page_is_for_developers_alone(tmp_path: Path, variables: dict[str, str]) -> None:
    with application(for_development(tmp_path, **variables)) as app:
        assert app_status(app) == 404


def test_the_page_is_not_there_under_test(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/none.sqlite3"
    with application(settings_for_testing(url, tmp_path, MAIL_SENDER="file")) as app:
        assert app_status(app) == 404


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("localhost:5000", 200),
        ("127.0.0.1:5000", 200),
        ("[::1]:5000", 200),
        ("evil.example", 404),
        ("evil.example:5000", 404),
        ("127.0.0.1.evil.example", 404),
    ],
)
def test_a_site_whose_name_leads_here_reads_nothing(
    developers_app: Flask, host: str, status: int
) -> None:
    assert app_status(developers_app, headers={"Host": host}) == status


def test_pages_of_other_origins_read_nothing(developers_app: Flask) -> None:
    assert app_status(developers_app, headers={"Origin": "https://evil.example"}) == 404
