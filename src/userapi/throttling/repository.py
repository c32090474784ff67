"""How often logins have failed, and from which devices they succeeded."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    literal,
    select,
    update,
)

from userapi.db.base import UTCDateTime
from userapi.db.id_lists import rows_of_ids
from userapi.db.repository import Repository, columns_of, record_of
from userapi.throttling.lockout import Lockout
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.records import DeviceRecord, DeviceUse, ThrottleRecord
from userapi.throttling.statements import (
    CLEARING,
    DISPLACEMENT,
    end_after,
    expiry,
    registration,
    select_expired,
)
from userapi.users.models import User


class ThrottleRepository(Repository):
    """Failed logins, counted."""

    def register_attempt(
        self, bucket: str, now: datetime, lockout: Lockout, *, email: str | None = None
    ) -> int | None:
        """Count one more failure and return how many there are; None when none is let in.

        `email` is the canonical address whose bucket it is, if it is one's. One statement decides,
        so that no two attempts can be let in by the same count; it is the same for every address.
        """
        statement = registration(self._dialect, lockout, is_of_account=email is not None)
        ends = {end_after(number): now + delay for number, delay in lockout.delays()}
        address = {} if email is None else {"email": email}
        first_end = lockout.blocked_until(1, now)
        values = {"bucket": bucket, "now": now, "first_end": first_end, **ends, **address}
        taken = self._write(statement, **values)
        return next((row.failures for row in taken), None)

    def find(self, bucket: str) -> ThrottleRecord | None:
        """Return the failures of a bucket; None when nothing has failed."""
        query = select(*columns_of(LoginThrottle, ThrottleRecord))
        return self._one(query.where(LoginThrottle.bucket == bucket), ThrottleRecord)

    def clear(self, buckets: Collection[str]) -> None:
        """Delete the failures of these buckets."""
        self._write(CLEARING, buckets=list(buckets))

    def count_expired(self, before: datetime, lockout: Lockout) -> int:
        """Return how many buckets `delete_expired` would find."""
        return self._count(select_expired(literal(before, UTCDateTime()), lockout.max_failures))

    def delete_expired(self, before: datetime, lockout: Lockout, limit: int) -> int:
        """Delete up to `limit` buckets in which nothing has failed since `before`; return how many.

        None of them is that of an account, or may be, and locked: only unlocking ends that.
        """
        deleted = self._write(expiry(lockout.max_failures), before=before, at_most=limit)
        return len(deleted)

    @property
    def _dialect(self) -> str:
        return self._scoped_session.dialect_name


class DeviceRepository(Repository):
    """The devices that users have logged in from."""

    def find(self, email: str, token_hash: str, now: datetime) -> uuid.UUID | None:
        """Return the device with that token, if the account with that address trusts it."""
        query = (
            select(TrustedDevice.id)
            .join(User, User.id == TrustedDevice.user_id)
            .where(
                TrustedDevice.token_hash == token_hash,
                TrustedDevice.expires_at > now,
                func.lower(User.email) == email,
                User.deleted_at.is_(None),
            )
        )
        return self._db.scalars(query).one_or_none()

    def ids_of(self, user_id: int) -> Sequence[uuid.UUID]:
        """Return the devices of that user, expired ones included."""
        return self._db.scalars(
            select(TrustedDevice.id).where(TrustedDevice.user_id == user_id)
        ).all()

    def of_user(self, user_id: int) -> Iterator[DeviceRecord]:
        """Yield the devices of that user, the newest first, within a transaction."""
        query = select(*columns_of(TrustedDevice, DeviceRecord))
        theirs = query.where(TrustedDevice.user_id == user_id)
        newest_first = theirs.order_by(TrustedDevice.created_at.desc(), TrustedDevice.id)
        return self._each(newest_first, DeviceRecord)

    def add(self, device: TrustedDevice) -> None:
        """Insert a new device."""
        self._insert(device)

    def list(self, user_id: int, now: datetime, limit: int) -> list[DeviceRecord]:
        """Return a user's devices that have not expired, the one used last first."""
        query = (
            select(*columns_of(TrustedDevice, DeviceRecord))
            .where(TrustedDevice.user_id == user_id, TrustedDevice.expires_at > now)
            .order_by(TrustedDevice.last_used_at.desc(), TrustedDevice.id)
            .limit(limit)
        )
        return [record_of(DeviceRecord, row) for row in self._read(query)]

    def extend(self, device_id: uuid.UUID, user_id: int, use: DeviceUse) -> bool:
        """Record that a device of that user was used; False when it is not trusted any more."""
        extended = self._db.execute(
            update(TrustedDevice)
            .where(TrustedDevice.id == device_id, TrustedDevice.user_id == user_id)
            .values(
                last_used_at=use.used_at,
                expires_at=use.expires_at,
                address=use.client_info.address,
                user_agent=use.client_info.user_agent,
            )
            .returning(TrustedDevice.id)
        )
        return extended.scalar_one_or_none() is not None

    def delete_all_but_best(
        self, user_id: int, count: int, now: datetime, *, stale_before: datetime
    ) -> None:
        """Delete all devices of that user but `count`.

        First go those that have expired or were not used since `stale_before`, then those that
        never came back with their token, then the others. What is used and was there first stays:
        nobody who only logs in very often displaces it.
        """
        values = {"user_id": user_id, "kept": count, "now": now, "stale_before": stale_before}
        self._write(DISPLACEMENT, **values)

    def delete(self, device_id: uuid.UUID, user_id: int) -> bool:
        """Delete a device of that user; say whether it was there still."""
        wanted = (TrustedDevice.id == device_id) & (TrustedDevice.user_id == user_id)
        return bool(self._delete(wanted))

    def delete_of(self, user_id: int, except_id: uuid.UUID | None = None) -> Sequence[uuid.UUID]:
        """Delete all devices of that user but `except_id`; return their ids."""
        wanted = TrustedDevice.user_id == user_id
        if except_id is not None:
            wanted &= TrustedDevice.id != except_id
        return self._delete(wanted)

    def delete_of_all(self, user_ids: Collection[int]) -> Sequence[uuid.UUID]:
        """Delete all devices of those users; return their ids."""
        return self._delete(TrustedDevice.user_id.in_(rows_of_ids(user_ids)))

    def count_expired(self, now: datetime) -> int:
        """Return how many devices have expired."""
        return self._count(select(TrustedDevice.id).where(TrustedDevice.expires_at <= now))

    def delete_expired(self, now: datetime, limit: int) -> int:
        """Delete up to `limit` devices that have expired; return how many."""
        expired = (
            select(TrustedDevice.id)
            .where(TrustedDevice.expires_at <= now)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return len(self._delete(TrustedDevice.id.in_(expired)))

    def delete_any(self, limit: int) -> int:
        """Delete up to `limit` devices, whoever's they are; return how many."""
        any_of_them = select(TrustedDevice.id).limit(limit)
        return len(self._delete(TrustedDevice.id.in_(any_of_them)))

    def _delete(self, wanted: ColumnElement[bool]) -> Sequence[uuid.UUID]:
        deleted = self._db.scalars(
            delete(TrustedDevice).where(wanted).returning(TrustedDevice.id),
            execution_options={"synchronize_session": False},
        )
        return deleted.all()
