"""The refused rows of imports, as a list."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from imports.conftest import ImportFile, person
from imports.test_http import IMPORTS, Begin, begin, lines, work
from support.accounts import Headers
from userapi.imports import repository
from userapi.imports.models import Import, ImportRefusal
from userapi.imports.services import loading, running
from userapi.imports.services.retention import ImportRetention
from userapi.kit.clock import utc_now
from userapi.web.services import provided

__all__ = ["begin", "work"]


def bad(count: int) -> str:
    return lines(*(person(f"u{number}", role="x") for number in range(count)))


def pages(client: FlaskClient, headers: Headers, begun: dict[str, Any]) -> list[list[int]]:
    """Return the numbers of the refused rows, page by page."""
    found, query = [], {"limit": "2"}
    while True:
        path = f"{IMPORTS}/{begun['id']}/refusals"
        told = client.get(path, query_string=query, headers=headers).get_json()
        found.append([refusal["row"] for refusal in told["refusals"]])
        if told["next"] is None:
            return found
        query["cursor"] = told["next"]


@pytest.mark.parametrize("is_dry_run", [True, False])
def test_so_many_refused_rows_are_kept_and_no_more(
    begin: Begin,
    work: Begin,
    *,
    client: FlaskClient,
    admin_headers: Headers,
    is_dry_run: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for module in (repository, running):
        monkeypatch.setattr(module, "KEPT_REFUSALS", 5)
    monkeypatch.setattr(loading, "BATCH_SIZE", 3)
    begun = begin(lines(person("ada")) + bad(8), is_dry_run=is_dry_run)

    done = work(begun)

    assert (done["refused"], len(done["refusals"])) == (8, 5 if is_dry_run else 8)
    assert pages(client, admin_headers, begun) == [[2, 3], [4, 5], [6]]


@pytest.mark.any_database
def test_a_refused_row_is_told_as_in_the_import(
    begin: Begin, work: Begin, client: FlaskClient, admin_headers: Headers
) -> None:
    done = work(begin(bad(1)))

    told = client.get(f"{IMPORTS}/{done['id']}/refusals", headers=admin_headers).get_json()
    assert told["refusals"] == done["refusals"]


@pytest.mark.any_database
def test_those_of_the_command_are_kept_too(
    import_file: ImportFile, client: FlaskClient, admin_headers: Headers, db_session: Session
) -> None:
    import_file(bad(3))

    begun = {"id": db_session.scalars(select(Import.id)).one()}
    assert pages(client, admin_headers, begun) == [[1, 2], [3]]


def test_they_are_deleted_with_their_import(
    begin: Begin, work: Begin, app: Flask, db_session: Session
) -> None:
    old, new = work(begin(bad(2))), work(begin(bad(3)))
    long_ago = {"ended_at": utc_now() - timedelta(days=31)}
    db_session.execute(update(Import).where(Import.refused == 2).values(long_ago))
    db_session.commit()

    with app.app_context():
        assert provided(ImportRetention).delete_ended() == 1

    assert old["id"] != new["id"]
    assert db_session.scalar(select(func.count()).select_from(ImportRefusal)) == 3
