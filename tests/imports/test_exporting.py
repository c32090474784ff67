"""Exports of all users by the operator, beside those who write."""

import json

import pytest
from flask import Flask
from sqlalchemy import select

from support.strangers import add_user_at_once
from userapi.audit.models import AuditEvent
from userapi.imports.records import ImportFormat
from userapi.imports.services.operating import OperatorImports
from userapi.web.services import provided


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each line is a piece."""
    monkeypatch.setattr("userapi.imports.writing._PIECE", 1)


def test_it_is_of_one_moment_and_keeps_nobody_who_writes_waiting(own_app: Flask) -> None:
    for number in range(3):
        add_user_at_once(own_app, f"{number}@example.com")
    with own_app.app_context():
        pieces = provided(OperatorImports).export(ImportFormat.NDJSON, with_hashes=False)
        first = next(pieces)
        add_user_at_once(own_app, "late@example.com")
        lines = "".join([first, *pieces]).splitlines()

    assert [json.loads(line)["email"] for line in lines] == [
        f"{number}@example.com" for number in range(3)
    ]


def test_one_that_is_broken_off_is_recorded(own_app: Flask) -> None:
    add_user_at_once(own_app)
    with own_app.app_context():
        pieces = provided(OperatorImports).export(ImportFormat.NDJSON, with_hashes=True)
        next(pieces)
        pieces.close()
        session = own_app.extensions["sqlalchemy"].session
        events = session.scalars(select(AuditEvent.event)).all()

    assert events == ["users:exported"]
