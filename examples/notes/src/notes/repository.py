"""Which notes."""

from sqlalchemy import select

from notes.models import Note
from notes.records import NEWEST_FIRST, NoteRecord
from userapi.db.repository import Repository, columns_of
from userapi.kit.pagination import KeysetPage, KeysetRequest


class NoteRepository(Repository):
    """The notes of one user at a time."""

    def add(self, note: Note) -> NoteRecord:
        """Insert a new note."""
        return self._save(note, NoteRecord)

    def list(self, owner_id: int, request: KeysetRequest) -> KeysetPage[NoteRecord]:
        """Return a part of a user's notes, newest first."""
        rows = select(*columns_of(Note, NoteRecord)).where(Note.owner_id == owner_id)
        return self._keyset_page(rows, request, sort=NEWEST_FIRST, record=NoteRecord)
