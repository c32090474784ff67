"""What the database itself sees to, as the migrations made it."""

from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from idempotency.samples import ANSWER, add_key_row, answered, columns_of_row, keys_in


def test_a_row_without_an_answer_is_kept(db_session: Session) -> None:
    add_key_row(db_session)

    assert columns_of_row(db_session, "status", "headers", "body") == (None, None, None)


def test_a_row_with_a_whole_answer_is_kept(db_session: Session) -> None:
    add_key_row(db_session, **answered())

    kept = columns_of_row(db_session, "status", "headers", "body")
    assert kept == (ANSWER.status, ANSWER.headers, ANSWER.body)


def test_an_answer_may_be_empty(db_session: Session) -> None:
    add_key_row(db_session, status=204, headers={}, body="")

    assert columns_of_row(db_session, "status", "headers", "body") == (204, {}, "")


@pytest.mark.parametrize(
    "columns",
    [
        {"status": 201},
        {"headers": {}},
        {"body": ""},
        {"status": 201, "headers": {}},
        {"status": 201, "body": ""},
        {"headers": {}, "body": ""},
    ],
    ids=" and ".join,
)
def test_half_an_answer_is_refused(db_session: Session, columns: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="answer_is_whole"):
        add_key_row(db_session, **columns)


def test_a_request_has_one_row(db_session: Session) -> None:
    add_key_row(db_session)

    with pytest.raises(IntegrityError):
        add_key_row(db_session, fingerprint="0" * 64)


@pytest.mark.parametrize("column", ["caller", "operation", "key"])
def test_requests_of_another_name_are_others(db_session: Session, column: str) -> None:
    add_key_row(db_session)

    add_key_row(db_session, **{column: "another"})

    assert len(keys_in(db_session)) == 2
