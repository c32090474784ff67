"""Which invitations; whether one has expired is told by the database's clock."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import ClassVar

from sqlalchemy import ColumnElement, case, delete, false, or_, select, true, update

from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.db.rows import AnySelect
from userapi.invitations.errors import InvitationRaced
from userapi.invitations.models import Invitation
from userapi.invitations.records import NEWEST_FIRST, InvitationRecord
from userapi.kit.errors import DomainError
from userapi.kit.pagination import KeysetPage, KeysetRequest

_UNSYNCHRONIZED = {"synchronize_session": False}


class InvitationRepository(PagedRepository):
    """Invitations."""

    violations: ClassVar[dict[str, type[DomainError]]] = {"uq_invitations_waiting": InvitationRaced}

    def add(self, invitation: Invitation) -> None:
        """Insert an invitation; raise `InvitationRaced`."""
        self._add(invitation)

    def get(self, invitation_id: uuid.UUID) -> InvitationRecord | None:
        """Return the invitation with that id."""
        return self._one(self._rows().where(Invitation.id == invitation_id), InvitationRecord)

    def list(self, request: KeysetRequest) -> KeysetPage[InvitationRecord]:
        """Return a part of all invitations, newest first."""
        return self._keyset_page(self._rows(), request, sort=NEWEST_FIRST, record=InvitationRecord)

    def revoke(self, invitation_id: uuid.UUID) -> bool:
        """Revoke an invitation that can still be accepted; False when it cannot."""
        return bool(self._end(Invitation.id == invitation_id, Invitation.expires_at > self._now()))

    def revoke_waiting(self, email: str) -> Sequence[uuid.UUID]:
        """Revoke what waits for that canonical address, expired or not; return their ids."""
        return self._end(Invitation.email == email)

    def accept(self, invitation_id: uuid.UUID) -> bool:
        """Accept an invitation; False when it cannot be accepted any more.

        One statement decides: of many who do it at once one accepts.
        """
        accepted = self._db.execute(
            update(Invitation)
            .where(
                Invitation.id == invitation_id,
                *_WAITING,
                Invitation.expires_at > self._now(),
            )
            .values(accepted_at=self._now())
            .returning(Invitation.id),
            execution_options=_UNSYNCHRONIZED,
        )
        return accepted.scalar_one_or_none() is not None

    def set_accepted_by(self, invitation_id: uuid.UUID, user_id: int) -> None:
        """Record which account an invitation became."""
        self._db.execute(
            update(Invitation).where(Invitation.id == invitation_id).values(accepted_by=user_id),
            execution_options=_UNSYNCHRONIZED,
        )

    def of_user(self, user_id: int) -> Iterator[InvitationRecord]:
        """Yield the invitations that a user sent or accepted, newest first, in a transaction."""
        is_theirs = or_(Invitation.invited_by == user_id, Invitation.accepted_by == user_id)
        rows = self._rows().where(is_theirs)
        newest_first = rows.order_by(Invitation.created_at.desc(), Invitation.id.desc())
        return self._each(newest_first, InvitationRecord)

    def delete_of(self, user_id: int, limit: int) -> int:
        """Delete up to `limit` invitations that a user accepted; return how many."""
        return self._delete(Invitation.accepted_by == user_id, limit)

    def count_ended(self, before: datetime) -> int:
        """Return how many invitations were over before that time."""
        return self._count(select(Invitation.id).where(_was_over(before)))

    def delete_ended(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` invitations that were over before that time; return how many."""
        return self._delete(_was_over(before), limit)

    def _delete(self, wanted: ColumnElement[bool], limit: int) -> int:
        some = select(Invitation.id).where(wanted).limit(limit)
        some = some.with_for_update(skip_locked=True)
        deleted = self._db.execute(
            delete(Invitation).where(Invitation.id.in_(some)).returning(Invitation.id),
            execution_options=_UNSYNCHRONIZED,
        )
        return len(deleted.all())

    def _end(self, *wanted: ColumnElement[bool]) -> Sequence[uuid.UUID]:
        ended = self._db.scalars(
            update(Invitation)
            .where(*wanted, *_WAITING)
            .values(revoked_at=self._now())
            .returning(Invitation.id),
            execution_options=_UNSYNCHRONIZED,
        )
        return ended.all()

    def _rows(self) -> AnySelect:
        is_expired = case((Invitation.expires_at <= self._now(), true()), else_=false())
        return select(*columns_of(Invitation, InvitationRecord, is_expired=is_expired))


_WAITING = (Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None))


def _was_over(before: datetime) -> ColumnElement[bool]:
    return or_(
        Invitation.expires_at < before,
        Invitation.accepted_at < before,
        Invitation.revoked_at < before,
    )
