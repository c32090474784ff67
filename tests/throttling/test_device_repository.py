from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.rows import NOON, add_device_row, add_user_row, at_minute
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.kit.client_info import ClientInfo
from userapi.throttling.models import TrustedDevice
from userapi.throttling.records import DeviceUse
from userapi.throttling.repository import DeviceRepository

EMAIL = "alan@example.com"


@pytest.fixture
def devices(scoped_session: ScopedSession) -> DeviceRepository:
    """The repository, on the application's session."""
    return DeviceRepository(db=scoped_session)


@pytest.fixture
def alan(db_session: Session) -> int:
    """The id of a user."""
    return add_user_row(db_session, EMAIL)


def test_a_device_is_found_by_address_and_token(
    devices: DeviceRepository, db_session: Session, alan: int
) -> None:
    device_id = add_device_row(db_session, alan)

    assert devices.find(EMAIL, "hash", NOON) == device_id


def test_another_token_finds_nothing(
    devices: DeviceRepository, db_session: Session, alan: int
) -> None:
    add_device_row(db_session, alan)

    assert devices.find(EMAIL, "another", NOON) is None


def test_another_account_does_not_know_the_device(
    devices: DeviceRepository, db_session: Session, alan: int
) -> None:
    add_device_row(db_session, alan)
    add_user_row(db_session, "grace@example.com")

    assert devices.find("grace@example.com", "hash", NOON) is None


def test_a_device_is_known_until_it_expires(
    devices: DeviceRepository, db_session: Session, alan: int
) -> None:
    add_device_row(db_session, alan, expires_at=at_minute(1))

    assert devices.find(EMAIL, "hash", at_minute(1) - timedelta(microseconds=1)) is not None
    assert devices.find(EMAIL, "hash", at_minute(1)) is None


def test_the_devices_of_a_deleted_user_are_useless(
    devices: DeviceRepository, db_session: Session
) -> None:
    deleted = add_user_row(db_session, EMAIL, deleted_at=NOON)
    add_device_row(db_session, deleted)
    add_user_row(db_session, EMAIL)

    assert devices.find(EMAIL, "hash", NOON) is None


def test_a_device_of_somebody_else_is_not_extended(
    devices: DeviceRepository, transaction: UnitOfWork, db_session: Session, alan: int
) -> None:
    device_id = add_device_row(db_session, add_user_row(db_session, "grace@example.com"))

    with transaction as tx:
        use = DeviceUse(NOON, at_minute(600), ClientInfo())
        extended = devices.extend(device_id, alan, use)
        tx.commit()

    assert not extended
    assert db_session.scalar(select(TrustedDevice.expires_at)) == at_minute(60)


RANKED = {
    "came back, oldest": (0, 30, 60),
    "came back, newest": (5, 31, 60),
    "never came back, older": (2, 2, 60),
    "never came back, newer": (4, 4, 60),
    "unused, later": (-60, -20, 60),
    "unused, earlier": (-120, -30, 60),
    "expired": (-50, -40, 9),
}
"""Devices, the best first: the minutes of their creation, last use and end."""


@pytest.mark.parametrize("count", range(len(RANKED) + 1))
def test_the_best_devices_are_kept(
    devices: DeviceRepository, transaction: UnitOfWork, db_session: Session, alan: int, count: int
) -> None:
    grace = add_user_row(db_session, "grace@example.com")
    add_device_row(db_session, grace, token_hash="hers")
    for name, (created, used, end) in reversed(RANKED.items()):
        times = {"created_at": created, "last_used_at": used, "expires_at": end}
        columns = {column: at_minute(minute) for column, minute in times.items()}
        add_device_row(db_session, alan, token_hash=name, **columns)

    with transaction as tx:
        devices.delete_all_but_best(alan, count, at_minute(10), stale_before=at_minute(-10))
        tx.commit()

    kept = set(db_session.scalars(select(TrustedDevice.token_hash)))
    assert kept == {"hers", *list(RANKED)[:count]}
