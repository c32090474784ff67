"""What happens to notes."""

from notes.events import NoteEvent
from notes.models import Note
from notes.records import NoteDraft, NoteRecord
from notes.repository import NoteRepository
from userapi.audit.service import AuditTrail
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction


class NoteService:
    """Writing and reading one's own notes."""

    def __init__(
        self, *, transaction: Transaction, notes: NoteRepository, audit: AuditTrail
    ) -> None:
        self._transaction = transaction
        self._notes = notes
        self._audit = audit

    def create(self, principal: Principal, draft: NoteDraft) -> NoteRecord:
        """Write a note of the caller's."""
        with self._transaction.of(principal) as tx:
            note = self._notes.add(Note(owner_id=principal.user_id, text=draft.text))
            self._audit.record(
                principal, NoteEvent.CREATED, subject=principal.user_id, object=note.id
            )
            tx.commit()
        return note

    def list(self, principal: Principal, request: KeysetRequest) -> KeysetPage[NoteRecord]:
        """Return a part of the caller's notes, newest first."""
        return self._notes.list(principal.user_id, request)
