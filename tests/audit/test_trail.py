"""What is written down, and with what it becomes durable."""

from dataclasses import replace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.events import Written, last_event_id, origins, written
from support.principals import principal_of
from support.rows import NOON
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail, Details
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.login.events import LoginEvent
from userapi.posts.events import PostEvent

ORIGIN = ClientInfo(request_id="the-request", address="2001:db8::1", user_agent="Browser")


def trail(session: ScopedSession, client_info: ClientInfo = ORIGIN) -> AuditTrail:
    return AuditTrail(
        events=AuditRepository(db=session), client_info=lambda: client_info, clock=lambda: NOON
    )


def record(
    session: ScopedSession, transaction: UnitOfWork, client_info: ClientInfo = ORIGIN
) -> None:
    with transaction as tx:
        trail(session, client_info).record(
            principal_of(1),
            PostEvent.UPDATED,
            subject=7,
            object=12,
            details={"changed": ["title"]},
        )
        tx.commit()


def test_an_event_is_written_down_whole(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    record(scoped_session, transaction)

    assert written(db_session) == [Written("post:updated", 1, 7, "12", {"changed": ["title"]})]


def test_details_are_cut_to_what_the_document_promises(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    details: Details = {
        "text": "a" * 5_000,
        "list": ["b" * 5_000] * 500,
        "number": 2**40,
        "none": None,
    }
    with transaction as tx:
        trail(scoped_session).record(7, LoginEvent.FAILED, details=details)
        tx.commit()

    (event,) = written(db_session)
    assert event.details == {**details, "text": "a" * 1_000, "list": ["b" * 1_000] * 100}


@pytest.mark.parametrize("actor", [7, None])
def test_the_actor_may_be_a_user_who_is_no_principal_or_nobody_that_is_known(
    db_session: Session,
    scoped_session: ScopedSession,
    transaction: UnitOfWork,
    actor: int | None,
) -> None:
    with transaction as tx:
        trail(scoped_session).record(actor, LoginEvent.FAILED)
        tx.commit()

    assert written(db_session) == [Written("login:failed", actor, None, None, {})]


def test_an_event_has_its_time_and_its_request(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    record(scoped_session, transaction)

    row = db_session.execute(select(AuditEvent.occurred_at, AuditEvent.request_id)).one()
    assert tuple(row) == (NOON, "the-request")


def test_where_it_came_from_stands_beside_it(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    record(scoped_session, transaction)

    row = db_session.execute(
        select(AuditClientInfo.event_id, AuditClientInfo.address, AuditClientInfo.user_agent)
    ).one()
    assert tuple(row) == (last_event_id(db_session), "2001:db8::1", "Browser")


@pytest.mark.parametrize("known", [{"address": "192.0.2.1"}, {"user_agent": "Browser"}])
def test_half_an_origin_is_kept(
    db_session: Session,
    scoped_session: ScopedSession,
    transaction: UnitOfWork,
    known: dict[str, str],
) -> None:
    record(scoped_session, transaction, replace(ClientInfo(), **known))

    assert origins(db_session) == [last_event_id(db_session)]


def test_an_unknown_origin_is_no_row(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    record(scoped_session, transaction, ClientInfo())

    assert len(written(db_session)) == 1
    assert origins(db_session) == []


def test_an_event_goes_with_the_use_case_that_did_not_commit(
    db_session: Session, scoped_session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction:
        trail(scoped_session).record(principal_of(7), PostEvent.CREATED, subject=7)

    assert written(db_session) == []
