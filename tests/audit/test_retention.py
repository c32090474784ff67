"""What is forgotten, and what is kept."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from support.databases import on_sqlite
from support.events import add_event_row, last_event_id, origins, written
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
        origin_retention=timedelta(minutes=30),
        clock=lambda: at_minute(31),
    )


def test_client_information_before_that_time_is_deleted(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session, address=ADDRESS)
    kept = add_event_row(db_session, address=ADDRESS, occurred_at=at_minute(1))

    forgotten = retention.delete_expired_origins()

    assert (forgotten, origins(db_session)) == (1, [kept])


def test_the_events_stay(db_session: Session, retention: AuditRetention) -> None:
    add_event_row(db_session, address=ADDRESS)

    retention.delete_expired_origins()

    assert len(written(db_session)) == 1


def test_an_event_without_an_origin_is_passed_over(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session)

    assert retention.delete_expired_origins() == 0


def test_a_newer_event_that_was_written_first_is_kept(
    db_session: Session, retention: AuditRetention
) -> None:
    newer = add_event_row(db_session, address=ADDRESS, occurred_at=at_minute(2))
    add_event_row(db_session, address=ADDRESS)

    retention.delete_expired_origins()

    assert origins(db_session) == [newer]


def test_more_than_a_batch_is_deleted(db_session: Session, retention: AuditRetention) -> None:
    event = {"occurred_at": NOON, "event": "post:created", "details": {}}
    db_session.execute(insert(AuditEvent), [{"id": n, **event} for n in range(1, 2502)])
    db_session.execute(
        insert(AuditClientInfo), [{"event_id": n, "address": ADDRESS} for n in range(1, 2502)]
    )
    db_session.commit()

    forgotten = retention.delete_expired_origins()

    assert (forgotten, origins(db_session)) == (2501, [])


def test_an_empty_trail_has_nothing_to_delete(retention: AuditRetention) -> None:
    assert retention.delete_expired_origins() == 0


def test_events_before_that_time_are_deleted_with_where_they_came_from(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session, address=ADDRESS)
    kept = add_event_row(db_session, address=ADDRESS, occurred_at=at_minute(1))

    deleted = retention.delete_expired_events()

    assert (deleted, origins(db_session), last_event_id(db_session)) == (1, [kept], kept)


@on_sqlite
def test_afterwards_sqlite_refuses_to_delete_events_as_before(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session)
    retention.delete_expired_events()
    add_event_row(db_session)

    with pytest.raises(IntegrityError, match="append-only"), db_session.begin_nested():
        db_session.execute(delete(AuditEvent))


def test_more_events_than_a_batch_are_deleted(
    db_session: Session, retention: AuditRetention
) -> None:
    event = {"occurred_at": NOON, "event": "post:created", "details": {}}
    db_session.execute(insert(AuditEvent), [{"id": n, **event} for n in range(1, 2502)])
    db_session.commit()
    batches: list[int] = []

    deleted = retention.delete_expired_events(batches.append)

    assert (deleted, batches) == (2501, [1000, 1000, 501])


def test_what_is_counted_is_what_is_deleted(db_session: Session, retention: AuditRetention) -> None:
    add_event_row(db_session, address=ADDRESS)
    add_event_row(db_session)

    counted = (retention.count_expired_origins(), retention.count_expired_events())

    assert counted == (1, 2)
    assert (retention.delete_expired_origins(), retention.delete_expired_events()) == counted


def test_events_by_which_keys_are_recognised_stay(
    db_session: Session, retention: AuditRetention
) -> None:
    add_event_row(db_session, event="key:retired")

    assert (retention.count_expired_events(), retention.delete_expired_events()) == (0, 0)
    assert [event.event for event in written(db_session)] == ["key:retired"]
