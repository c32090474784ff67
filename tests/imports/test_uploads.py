"""Files of users that are uploaded as they are."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from imports.conftest import person
from imports.test_http import IMPORTS, Begin, begin, lines, work
from support.accounts import Account, Headers, add_user, log_in
from support.applications import engine_of
from support.sockets import connection_to, raw_answer
from userapi.audit.models import AuditEvent
from userapi.imports.models import Import, ImportPart
from userapi.imports.services import receiving
from userapi.kit.principal import Role
from userapi.users.models import User
from web.server.serving import serving

__all__ = ["begin", "work"]

UPLOAD = f"{IMPORTS}/upload"
NDJSON = "application/x-ndjson"
CSV = "email,first_name,last_name\nada@example.com,Ada,Row\n"

Send = Callable[..., TestResponse]


@pytest.fixture
def send(client: FlaskClient, admin_headers: Headers) -> Send:
    """Upload a file as an admin."""

    def post(content: str | bytes, media_type: str | None = NDJSON, **query: Any) -> TestResponse:
        return client.post(
            UPLOAD,
            data=content,
            query_string=query,
            headers=admin_headers,
            content_type=media_type,
        )

    return post


def test_a_file_is_cut_into_parts_and_comes_in_by_a_job(
    send: Send, work: Begin, db_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiving, "PIECE", 50)
    content = lines(person("ada"), person("bob", role="x"), person("eve"))

    answer = send(content, on_duplicate="skip")
    begun = answer.get_json()
    done = work(begun)

    assert (answer.status_code, begun["state"], begun["size"]) == (202, "running", len(content))
    assert begun["parts"] == -(-len(content) // 50)
    assert (done["state"], done["created"], done["refused"]) == ("done", 2, 1)
    assert done["on_duplicate"] == "skip"
    query = select(AuditEvent.event).where(AuditEvent.event == "import:started")
    assert len(db_session.scalars(query).all()) == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("media_type", "query", "form"),
    [
        ("text/csv; charset=utf-8", {}, "csv"),
        (NDJSON, {}, "ndjson"),
        ("application/octet-stream", {}, "ndjson"),
        ("application/octet-stream", {"format": "csv"}, "csv"),
        (NDJSON, {"format": "csv"}, "csv"),
    ],
)
def test_the_format_is_told_or_that_of_the_type(
    send: Send, media_type: str, query: dict[str, str], form: str
) -> None:
    assert send(CSV, media_type, is_dry_run="true", **query).get_json()["format"] == form


@pytest.mark.any_database
@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "application/json", "text/html", None]
)
def test_another_type_is_refused_with_those_that_are_taken(
    send: Send, media_type: str | None
) -> None:
    refused = send(CSV, media_type)

    assert (refused.status_code, refused.get_json()["code"]) == (415, "unsupported-file-type")
    assert refused.headers["Accept"] == (
        "application/x-ndjson, application/jsonl, text/csv, application/octet-stream"
    )


@pytest.mark.any_database
def test_a_coded_file_is_refused(client: FlaskClient, admin_headers: Headers) -> None:
    headers = {**admin_headers, "Content-Encoding": "gzip"}

    refused = client.post(UPLOAD, data=b"x", headers=headers, content_type=NDJSON)

    assert (refused.status_code, refused.get_json()["code"]) == (415, "unsupported-coding")


@pytest.mark.any_database
def test_an_empty_file_and_an_unknown_parameter_are_refused(send: Send) -> None:
    empty, unknown = send(""), send("x", keep_ids="true")

    assert (empty.status_code, empty.get_json()["errors"][0]["code"]) == (400, "length")
    assert (unknown.status_code, unknown.get_json()["errors"][0]["parameter"]) == (400, "keep_ids")


@pytest.mark.any_database
def test_a_file_is_one_of_the_few_imports_of_an_admin(send: Send) -> None:
    for _ in range(5):
        assert send("x").status_code == 202

    assert send("x").get_json()["code"] == "too-many-imports"


@pytest.fixture
def url(own_app: Flask) -> Iterator[str]:
    with serving(own_app, BODY_TIMEOUT=5) as url:
        yield url


@pytest.fixture
def admin(own_app: Flask, password_hash: str) -> Account:
    with Session(engine_of(own_app)) as session:
        return add_user(session, password_hash, email="root@example.com", role=Role.ADMIN)


@pytest.fixture
def own_headers(own_app: Flask, admin: Account) -> Headers:
    return log_in(own_app.test_client(), admin)


def posted(url: str, body: bytes, headers: Headers) -> tuple[int, dict[str, Any]]:
    address = urlsplit(url)
    with closing(HTTPConnection(str(address.hostname), address.port)) as connection:
        connection.request("POST", UPLOAD, body, {"Content-Type": NDJSON, **headers})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def kept(app: Flask) -> tuple[int, ...]:
    """Return how many imports and parts there are, and how many bytes these have together."""
    size = func.coalesce(func.sum(func.length(ImportPart.content)), 0)
    parts = select(select(func.count(Import.id)).scalar_subquery(), func.count(), size)
    with Session(engine_of(app)) as session:
        return tuple(session.execute(parts.select_from(ImportPart)).one())


def test_a_large_file_comes_whole_through_the_server(
    url: str, own_app: Flask, own_headers: Headers
) -> None:
    body = lines(person("ada")).encode() * 60_000

    status, told = posted(url, body, own_headers)

    assert len(body) > 4 * 2**20
    assert (status, told["state"], told["size"]) == (202, "running", len(body))
    assert kept(own_app) == (1, told["parts"], len(body))


@pytest.mark.any_database
def test_strangers_and_users_are_refused_before_they_send(
    url: str, own_app: Flask, password_hash: str
) -> None:
    with Session(engine_of(own_app)) as session:
        user = add_user(session, password_hash, email="user@example.com")
    headers = log_in(own_app.test_client(), user)

    for sent, status in (({}, 401), (headers, 403)):
        told = "".join(f"{name}: {value}\r\n" for name, value in sent.items())
        head = f"POST {UPLOAD} HTTP/1.1\r\nHost: api\r\nContent-Type: {NDJSON}\r\n{told}"
        connection = connection_to(url)
        connection.sendall(f"{head}Content-Length: 200000000\r\n\r\n".encode())
        assert raw_answer(connection).status == status


@pytest.mark.parametrize("change", [{"role": "user"}, {"is_active": False}])
def test_who_loses_the_right_while_sending_has_lost_it(
    url: str, own_app: Flask, *, admin: Account, own_headers: Headers, change: dict[str, Any]
) -> None:
    head = f"POST {UPLOAD} HTTP/1.1\r\nHost: api\r\nContent-Type: {NDJSON}\r\n"
    told = f"Authorization: {own_headers['Authorization']}\r\nExpect: 100-continue\r\n"
    connection = connection_to(url)
    connection.sendall(f"{head}{told}Content-Length: 4\r\n\r\n".encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 100 ")
    with engine_of(own_app).begin() as transaction:
        transaction.execute(update(User).where(User.id == admin.id).values(**change))

    connection.sendall(b"{}\n\n")

    assert raw_answer(connection).status in (401, 403)
    assert kept(own_app) == (0, 0, 0)
