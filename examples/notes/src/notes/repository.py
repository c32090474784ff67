"""Which notes."""

from collections.abc import Iterator

from sqlalchemy import delete, select

from notes.models import Note
from notes.records import NEWEST_FIRST, NoteRecord
from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of
from userapi.kit.pagination import KeysetPage, KeysetRequest


class NoteRepository(PagedRepository):
    """The notes of one user at a time."""

    def add(self, note: Note) -> NoteRecord:
        """Insert a new note."""
        return self._save(note, NoteRecord)

    def of_owner(self, owner_id: int) -> Iterator[NoteRecord]:
        """Yield all notes of a user, newest first, within a transaction."""
        rows = select(*columns_of(Note, NoteRecord)).where(Note.owner_id == owner_id)
        return self._each(rows.order_by(Note.created_at.desc(), Note.id.desc()), NoteRecord)

    def delete_of(self, owner_id: int, limit: int) -> int:
        """Delete up to `limit` notes of a user; return how many."""
        theirs = select(Note.id).where(Note.owner_id == owner_id).limit(limit)
        deleted = self._db.execute(delete(Note).where(Note.id.in_(theirs)).returning(Note.id))
        return len(deleted.all())

    def list(self, owner_id: int, request: KeysetRequest) -> KeysetPage[NoteRecord]:
        """Return a part of a user's notes, newest first."""
        rows = select(*columns_of(Note, NoteRecord)).where(Note.owner_id == owner_id)
        return self._keyset_page(rows, request, sort=NEWEST_FIRST, record=NoteRecord)
