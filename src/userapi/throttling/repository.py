"""How often logins have failed, and from which devices they succeeded."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, case, delete, func, literal, null, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from userapi.db.base import UTCDateTime
from userapi.db.repository import Repository, columns_of
from userapi.throttling.lockout import Lockout
from userapi.throttling.models import LoginThrottle, TrustedDevice
from userapi.throttling.records import ThrottleRecord
from userapi.users.models import User


class ThrottleRepository(Repository):
    """Failed logins, counted."""

    def register_attempt(self, bucket: str, now: datetime, lockout: Lockout) -> int | None:
        """Count one more failure and return how many there are; None when none is let in.

        One statement decides, so that no two attempts can be let in by the same count.
        """
        failures = LoginThrottle.failures + 1
        is_free = or_(LoginThrottle.blocked_until.is_(None), LoginThrottle.blocked_until <= now)
        dialect = sqlite if self._db.get_bind().dialect.name == "sqlite" else postgresql
        taken = self._db.execute(
            dialect.insert(LoginThrottle)
            .values(
                bucket=bucket,
                failures=1,
                blocked_until=lockout.blocked_until(1, now),
                last_failed_at=now,
            )
            .on_conflict_do_update(
                index_elements=[LoginThrottle.bucket],
                set_={
                    "failures": failures,
                    "blocked_until": _blocked_until(failures, lockout, now),
                    "last_failed_at": now,
                },
                where=is_free & (LoginThrottle.failures < lockout.max_failures),
            )
            .returning(LoginThrottle.failures)
        )
        return taken.scalar_one_or_none()

    def find(self, bucket: str) -> ThrottleRecord | None:
        """Return the failures of a bucket; None when nothing has failed."""
        query = select(*columns_of(LoginThrottle, ThrottleRecord))
        return self._one(query.where(LoginThrottle.bucket == bucket), ThrottleRecord)

    def clear(self, buckets: Collection[str]) -> None:
        """Delete the failures of these buckets."""
        self._db.execute(delete(LoginThrottle).where(LoginThrottle.bucket.in_(buckets)))

    def delete_expired(self, before: datetime, lockout: Lockout, limit: int) -> int:
        """Delete up to `limit` buckets in which nothing has failed since `before`; return how many.

        None of them is locked.
        """
        expired = (
            select(LoginThrottle.bucket)
            .where(
                LoginThrottle.last_failed_at <= before,
                LoginThrottle.failures < lockout.max_failures,
            )
            .order_by(LoginThrottle.last_failed_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = self._db.execute(
            delete(LoginThrottle)
            .where(LoginThrottle.bucket.in_(expired))
            .returning(LoginThrottle.bucket)
        )
        return len(deleted.all())


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

    def add(self, device: TrustedDevice) -> None:
        """Insert a new device."""
        self._add(device)

    def extend(
        self, device_id: uuid.UUID, user_id: int, now: datetime, expires_at: datetime
    ) -> bool:
        """Record that a device of that user was used; False when it is not trusted any more."""
        extended = self._db.execute(
            update(TrustedDevice)
            .where(TrustedDevice.id == device_id, TrustedDevice.user_id == user_id)
            .values(last_used_at=now, expires_at=expires_at)
            .returning(TrustedDevice.id)
        )
        return extended.scalar_one_or_none() is not None

    def delete_all_but_latest(self, user_id: int, count: int) -> None:
        """Delete all devices of that user but the `count` that were used last."""
        others = (
            select(TrustedDevice.id)
            .where(TrustedDevice.user_id == user_id)
            .order_by(TrustedDevice.last_used_at.desc(), TrustedDevice.id)
            .offset(count)
        )
        self._db.execute(
            delete(TrustedDevice)
            .where(TrustedDevice.id.in_(others))
            .execution_options(synchronize_session=False)
        )

    def delete_expired(self, now: datetime, limit: int) -> int:
        """Delete up to `limit` devices that have expired; return how many."""
        expired = (
            select(TrustedDevice.id)
            .where(TrustedDevice.expires_at <= now)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        deleted = self._db.execute(
            delete(TrustedDevice)
            .where(TrustedDevice.id.in_(expired))
            .returning(TrustedDevice.id)
            .execution_options(synchronize_session=False)
        )
        return len(deleted.all())


def _blocked_until(
    failures: ColumnElement[int], lockout: Lockout, now: datetime
) -> ColumnElement[datetime | None]:
    """Return `Lockout.blocked_until` as SQL: the longest delay that so many failures have."""
    return case(
        *(
            (failures >= number, literal(now + delay, UTCDateTime()))
            for number, delay in reversed(list(lockout.delays()))
        ),
        else_=null(),
    )
