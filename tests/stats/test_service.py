"""When figures are counted, and what is kept of a day."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from support.clocks import SetClock, clock_of
from support.events import add_event_row
from support.principals import principal_of
from support.rows import add_user_row
from userapi.db.session import ScopedSession
from userapi.kit.principal import Role
from userapi.registration.events import AccountEvent
from userapi.sessions.events import SessionEvent
from userapi.stats.records import RoleCount, Stats, StatsQuery
from userapi.stats.service import StatsService
from userapi.users.models import User
from userapi.web.services import provided

MIDNIGHT = datetime(2026, 2, 1, tzinfo=UTC)
TICK = timedelta(microseconds=1)
DAY = timedelta(days=1)

Ask = Callable[[], Stats]


@pytest.fixture
def clock(app: Flask, scoped_session: ScopedSession) -> Iterator[SetClock]:
    """The clock of the application and of the database."""
    clock = SetClock(MIDNIGHT + timedelta(hours=12))
    with clock_of(app, clock):
        yield clock


@pytest.fixture
def ask(clock: SetClock) -> Ask:
    """Ask for the figures of four days."""
    return lambda: provided(StatsService).get(principal_of(1, Role.ADMIN), StatsQuery(days=4))


def sign_in(session: Session, *times: datetime) -> None:
    for time in times:
        add_event_row(session, event=SessionEvent.CREATED, occurred_at=time)


def counts_of(stats: Stats) -> list[tuple[int, int]]:
    return [(day.sign_ups, day.sign_ins) for day in stats.days]


def sign_ins_of(stats: Stats) -> list[int]:
    return [day.sign_ins for day in stats.days]


def test_days_begin_and_end_at_midnight_in_utc(db_session: Session, ask: Ask) -> None:
    sign_in(db_session, MIDNIGHT - DAY, MIDNIGHT - TICK, MIDNIGHT)
    add_event_row(db_session, event=AccountEvent.CREATED, occurred_at=MIDNIGHT - TICK)
    add_event_row(db_session, occurred_at=MIDNIGHT)

    asked = ask()

    assert counts_of(asked) == [(0, 0), (0, 0), (1, 2), (0, 1)]
    assert asked.days[-1].day == asked.as_of.date() == MIDNIGHT.date()


def test_figures_are_answered_for_five_minutes(
    db_session: Session, ask: Ask, clock: SetClock
) -> None:
    first = ask()
    add_user_row(db_session, "a@example.com")

    clock.forward(299)
    assert ask() == first
    clock.forward(1)
    users = ask().users
    assert (users.living, users.unverified) == (1, 1)
    assert RoleCount(Role.USER, 1) in users.by_role


def test_what_is_over_is_counted_once(db_session: Session, ask: Ask, clock: SetClock) -> None:
    sign_in(db_session, MIDNIGHT - TICK)
    ask()

    sign_in(db_session, MIDNIGHT - TICK, MIDNIGHT)
    clock.forward(600)

    assert sign_ins_of(ask()) == [0, 0, 1, 1]


def test_what_is_committed_shortly_after_midnight_is_of_the_day_before(
    db_session: Session, ask: Ask, clock: SetClock
) -> None:
    clock.now = MIDNIGHT + timedelta(minutes=59)
    ask()

    sign_in(db_session, MIDNIGHT - TICK)
    clock.forward(600)

    assert sign_ins_of(ask()) == [0, 0, 1, 0]


def test_days_on_which_nobody_counted_are_made_up_for(
    db_session: Session, ask: Ask, clock: SetClock
) -> None:
    clock.now = MIDNIGHT - 3 * DAY + timedelta(hours=1)
    ask()
    sign_in(db_session, MIDNIGHT - 3 * DAY + timedelta(hours=2), MIDNIGHT - DAY)

    clock.now = MIDNIGHT

    assert sign_ins_of(ask()) == [1, 0, 1, 0]


def test_an_erased_user_changes_no_day(db_session: Session, ask: Ask, clock: SetClock) -> None:
    user_id = add_user_row(db_session, "a@example.com", created_at=MIDNIGHT - DAY)
    before = ask()
    db_session.get_one(User, user_id).erase(clock())
    db_session.commit()
    clock.forward(600)

    after = ask()

    assert counts_of(after) == counts_of(before)
    assert (after.users.living, after.users.erased) == (0, 1)


def test_while_somebody_counts_others_are_answered_the_last_figures(
    ask: Ask, clock: SetClock
) -> None:
    first = ask()
    clock.forward(600)
    assert provided(StatsService).claim(clock())

    assert ask() == first
    clock.forward(120)  # whoever counted is gone
    assert ask().as_of == clock()


def test_who_finds_nothing_does_not_wait_for_who_counts(ask: Ask, clock: SetClock) -> None:
    assert provided(StatsService).claim(clock())

    assert ask().as_of == clock()


def test_whoever_is_late_replaces_no_later_figures(ask: Ask, clock: SetClock) -> None:
    late = clock()
    clock.forward(60)
    ask()

    provided(StatsService).count(late)

    assert ask().as_of == clock()


def test_a_clock_that_was_ahead_holds_up_nobody(
    db_session: Session, ask: Ask, clock: SetClock
) -> None:
    clock.now = MIDNIGHT + 40 * DAY
    ask()
    clock.forward(3600)
    provided(StatsService).claim(clock())
    sign_in(db_session, MIDNIGHT)

    clock.now = MIDNIGHT + 3 * DAY

    asked = ask()
    assert asked.as_of == clock()
    assert sign_ins_of(asked) == [1, 0, 0, 0]


def test_the_worker_counts_unless_somebody_did(
    db_session: Session, ask: Ask, clock: SetClock
) -> None:
    provided(StatsService).refresh()
    add_user_row(db_session, "a@example.com")
    clock.forward(60)

    provided(StatsService).refresh()

    assert ask().users.living == 0
