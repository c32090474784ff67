"""Which registrations wait; whether one still does is told by the database's clock."""

import uuid
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update

from userapi.db.repository import Repository, columns_of, record_of
from userapi.registration.models import PendingRegistration
from userapi.registration.records import AccountDraft, WaitingRegistration

_UNSYNCHRONIZED = {"synchronize_session": False}


class PendingRegistrationRepository(Repository):
    """Registrations that wait until their address is proven."""

    def add(self, waiting_id: uuid.UUID, draft: AccountDraft, expires_at: datetime) -> None:
        """Insert a registration."""
        now = self._time()
        row = PendingRegistration(
            id=waiting_id, **asdict(draft), created_at=now, expires_at=expires_at
        )
        self._add(row)

    def lock(self, waiting_id: uuid.UUID, email: str) -> AccountDraft | None:
        """Return the registration with that id and canonical address, if it waits still.

        All those of the address are locked until the transaction ends.
        """
        self._lock_of(email)
        query = select(*columns_of(PendingRegistration, AccountDraft))
        wanted = query.where(PendingRegistration.id == waiting_id, self._waits())
        return self._one(wanted, AccountDraft)

    def find(self, waiting_id: uuid.UUID) -> WaitingRegistration | None:
        """Return the registration with that id, if it waits still."""
        query = select(*columns_of(PendingRegistration, WaitingRegistration))
        wanted = query.where(PendingRegistration.id == waiting_id, self._waits())
        return self._one(wanted, WaitingRegistration)

    def extend(self, waiting_id: uuid.UUID, expires_at: datetime) -> None:
        """Let a registration wait until then."""
        statement = (
            update(PendingRegistration)
            .where(PendingRegistration.id == waiting_id)
            .values(expires_at=expires_at)
        )
        self._db.execute(statement, execution_options=_UNSYNCHRONIZED)

    def find_newest(self, email: str) -> WaitingRegistration | None:
        """Return the newest registration of a canonical address that waits still."""
        query = (
            select(*columns_of(PendingRegistration, WaitingRegistration))
            .where(PendingRegistration.email == email, self._waits())
            .order_by(PendingRegistration.created_at.desc(), PendingRegistration.id)
            .limit(1)
        )
        row = self._db.execute(query).one_or_none()
        return None if row is None else record_of(WaitingRegistration, row)

    def delete_of(self, email: str, kept: int = 0) -> list[uuid.UUID]:
        """Delete the registrations of a canonical address but so many, the newest.

        Returns the ids of those that were deleted.
        """
        self._lock_of(email)
        older = (
            select(PendingRegistration.id)
            .where(PendingRegistration.email == email)
            .order_by(PendingRegistration.created_at.desc(), PendingRegistration.id)
            .offset(kept)
        )
        return self._delete(PendingRegistration.id.in_(older))

    def count_expired(self) -> int:
        """Return how many registrations have waited for too long."""
        query = select(PendingRegistration.id)
        return self._count(query.where(PendingRegistration.expires_at <= self._now()))

    def delete_expired(self, limit: int) -> int:
        """Delete up to `limit` registrations that have waited for too long; return how many."""
        expired = (
            select(PendingRegistration.id)
            .where(PendingRegistration.expires_at <= self._now())
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return len(self._delete(PendingRegistration.id.in_(expired)))

    def _lock_of(self, email: str) -> None:
        """Lock the registrations of a canonical address, in the order of their ids."""
        query = select(PendingRegistration.id).where(PendingRegistration.email == email)
        self._db.execute(query.order_by(PendingRegistration.id).with_for_update()).all()

    def _delete(self, wanted: ColumnElement[bool]) -> list[uuid.UUID]:
        statement = delete(PendingRegistration).where(wanted).returning(PendingRegistration.id)
        return list(self._db.execute(statement, execution_options=_UNSYNCHRONIZED).scalars())

    def _waits(self) -> ColumnElement[bool]:
        return PendingRegistration.expires_at > self._now()
