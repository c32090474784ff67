"""What is forgotten, and what is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from support.events import add_event_row, origins, written
from support.rows import NOON, at_minute
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditRetention
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork

ADDRESS = "192.0.2.1"


@pytest.fixture
def retention(scoped_session: ScopedSession, transaction: UnitOfWork) -> AuditRetention:
    """What deletes where the events of before `at_minute(1)` came from."""
    return AuditRetention(
        transaction=transaction,
        events=AuditRepository(db=scoped_session),
        retention=timedelta(minutes=30),
        clock=lambda: at_minute(31),
    )


def test_client_information_before_that_time_is_deleted(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session, address=ADDRESS)
    kept = add_event_row(db_session, address=ADDRESS, occurred_at=at_minute(1))

    forgotten = retention.delete_expired()

    assert (forgotten, origins(db_session)) == (1, [kept])


def test_the_events_stay(db_session: Session, retention: AuditRetention) -> None:
    add_event_row(db_session, address=ADDRESS)

    retention.delete_expired()

    assert len(written(db_session)) == 1


def test_an_event_without_an_origin_is_passed_over(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session)

    assert retention.delete_expired() == 0


def test_a_newer_event_that_was_written_first_is_kept(
    db_session: Session, retention: AuditRetention
) -> None:
    newer = add_event_row(db_session, address=ADDRESS, occurred_at=at_minute(2))
    add_event_row(db_session, address=ADDRESS)

    retention.delete_expired()

    assert origins(db_session) == [newer]


def test_more_than_a_batch_is_deleted(db_session: Session, retention: AuditRetention) -> None:
    event = {"occurred_at": NOON, "event": "post:created", "details": {}}
    db_session.execute(insert(AuditEvent), [{"id": n, **event} for n in range(1, 2502)])
    db_session.execute(
        insert(AuditClientInfo), [{"event_id": n, "address": ADDRESS} for n in range(1, 2502)]
    )
    db_session.commit()

    forgotten = retention.delete_expired()

    assert (forgotten, origins(db_session)) == (2501, [])


def test_an_empty_trail_has_nothing_to_delete(retention: AuditRetention) -> None:
    assert retention.delete_expired() == 0
