"""Persons are erased when their accounts were closed for long enough."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from support.clocks import database_clock_of
from support.events import add_event_row, origins, written
from support.leaving import GRACE
from support.rows import NOON, add_session_row, add_user_row, column_of
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.batches import Report, unreported
from userapi.kit.client_info import ClientInfo
from userapi.kit.personal_data import PersonalData
from userapi.leaving.repository import ClosedAccountRepository
from userapi.leaving.services.erasure import Erasure
from userapi.sessions.models import UserSession
from userapi.sessions.repository import SessionRepository
from userapi.users.models import User
from userapi.users.repository import UserRepository

END = NOON + GRACE
MOMENT = timedelta(microseconds=1)

Make = Callable[..., Erasure]


class Interrupted(Exception):
    """What ends an erasure in the middle."""


class EndingErasure(Erasure):
    """An erasure that leaves no read open on the connection that the test shares with it."""

    session: ScopedSession

    def count_due(self) -> int:
        try:
            return super().count_due()
        finally:
            self.session.remove()

    def erase_due(self, report: Report = unreported) -> int:
        try:
            return super().erase_due(report)
        finally:
            self.session.remove()


@pytest.fixture
def make(scoped_session: ScopedSession, transaction: UnitOfWork) -> Make:
    """Return a function that makes an erasure of sessions and origins, at a time."""

    def make(now: datetime = END, *more: PersonalData) -> Erasure:
        sessions = SessionRepository(db=scoped_session)
        events = AuditRepository(db=scoped_session)
        kinds = [
            PersonalData(
                name="events",
                tables=(),
                export=None,
                erase=events.delete_client_info_of,
            ),
            PersonalData(name="sessions", tables=(), export=None, erase=sessions.delete_of),
        ]
        erasure = EndingErasure(
            transaction=transaction,
            users=UserRepository(db=scoped_session),
            closed=ClosedAccountRepository(db=scoped_session, clock=database_clock_of(lambda: now)),
            kinds=[*more, *kinds],
            grace=GRACE,
            audit=AuditTrail(events=events, client_info=ClientInfo, clock=lambda: now),
        )
        erasure.session = scoped_session
        return erasure

    return make


@pytest.fixture
def alan(db_session: Session) -> int:
    """The id of somebody whose account was closed at noon."""
    return add_user_row(db_session, "alan@example.com", deleted_at=NOON, created_at=NOON)


def erased_at(session: Session, user_id: int) -> datetime | None:
    moment: datetime | None = column_of(session, user_id, "erased_at")
    session.rollback()
    return moment


def test_a_person_is_erased_when_the_grace_is_over(
    db_session: Session, make: Make, alan: int
) -> None:
    assert (make().count_due(), make().erase_due()) == (1, 1)
    assert erased_at(db_session, alan) == END


def test_not_before(db_session: Session, make: Make, alan: int) -> None:
    erasure = make(END - MOMENT)

    assert (erasure.count_due(), erasure.erase_due()) == (0, 0)
    assert column_of(db_session, alan, "email") == "alan@example.com"


def test_nobody_who_is_not_closed_is_erased(db_session: Session, make: Make) -> None:
    add_user_row(db_session, "grace@example.com", created_at=NOON)

    assert (make().count_due(), make().erase_due()) == (0, 0)


def test_all_who_were_erased_look_the_same(db_session: Session, make: Make, alan: int) -> None:
    other = add_user_row(
        db_session,
        "edsger@example.com",
        first_name="Edsger",
        last_name="Dijkstra",
        role="moderator",
        language="nl",
        email_set_at=NOON,
        email_verified_at=NOON,
        created_at=NOON - GRACE,
        deleted_at=NOON - GRACE,
    )

    make().erase_due()

    rows = db_session.execute(select(User.__table__).order_by(User.id)).mappings()
    one, another = [{**row, "id": None} for row in rows]
    assert [alan, other] == list(db_session.scalars(select(User.id).order_by(User.id)))
    assert one == another
    assert "alan" not in str(one).lower()


def test_nothing_is_left_in_a_column_that_could_be_empty(
    db_session: Session, make: Make, alan: int
) -> None:
    columns = {column.name for column in inspect(User).columns if column.nullable}
    make().erase_due()

    row = db_session.execute(select(User.__table__).where(User.id == alan)).mappings().one()

    assert {name for name in columns if row[name] is not None} == {"deleted_at", "erased_at"}


def test_where_their_events_came_from_goes_and_the_events_stay(
    db_session: Session, make: Make, alan: int
) -> None:
    add_event_row(db_session, address="192.0.2.1", actor_id=alan, subject_id=alan)
    add_event_row(db_session, address="192.0.2.2", subject_id=alan)  # a failed login
    admins = add_event_row(db_session, address="192.0.2.3", actor_id=alan + 1, subject_id=alan)

    make().erase_due()

    assert origins(db_session) == [admins]
    assert [event.event for event in written(db_session)] == ["post:created"] * 3 + ["user:erased"]


def test_a_second_run_erases_nobody(make: Make, alan: int) -> None:
    del alan
    make().erase_due()

    assert (make().count_due(), make().erase_due()) == (0, 0)


def test_very_much_of_one_person_goes_in_batches(
    db_session: Session,
    scoped_session: ScopedSession,
    make: Make,
    alan: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("userapi.leaving.services.erasure.BATCH_SIZE", 2)
    sessions = [add_session_row(db_session, alan) for _ in range(5)]
    seen: list[int] = []

    def count(user_id: int, _: int) -> int:
        of_user = select(func.count()).where(UserSession.user_id == user_id)
        seen.append(scoped_session.scalar(of_user) or 0)
        return 0

    counting = PersonalData(name="counting", tables=(), export=None, erase=count)
    reported: list[int] = []

    assert make(END, counting).erase_due(reported.append) == 1
    assert (len(sessions), seen, reported) == (5, [3, 1, 0], [1])
    assert erased_at(db_session, alan) == END


def test_what_is_interrupted_is_taken_up_by_the_next_run(
    db_session: Session, make: Make, alan: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("userapi.leaving.services.erasure.BATCH_SIZE", 2)
    for _ in range(5):
        add_session_row(db_session, alan)
    calls = iter([None, Interrupted()])

    def erase(*_: int) -> int:
        found = next(calls)
        if found is not None:
            raise found
        return 0

    failing = PersonalData(name="failing", tables=(), export=None, erase=erase)
    with pytest.raises(Interrupted):
        make(END, failing).erase_due()
    assert erased_at(db_session, alan) is None
    assert db_session.scalar(select(func.count()).select_from(UserSession)) == 3

    assert make(END, replace(failing, erase=lambda *_: 0)).erase_due() == 1
    assert db_session.scalar(select(func.count()).select_from(UserSession)) == 0
    assert erased_at(db_session, alan) == END


def test_what_others_have_stays(db_session: Session, make: Make, alan: int) -> None:
    grace = add_user_row(db_session, "grace@example.com")
    kept = add_session_row(db_session, grace)
    add_session_row(db_session, alan)

    make().erase_due()

    assert list(db_session.scalars(select(UserSession.id))) == [kept]
