"""What notes bring."""

from collections.abc import Iterator
from pathlib import Path

from notes.events import NoteEvent
from notes.models import Note
from notes.repository import NoteRepository
from notes.resources import blp
from notes.service import NoteService
from userapi.audit.service import AuditTrail
from userapi.container import Feature, MigrationBranch, Shared
from userapi.kit.personal_data import PersonalData
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what writes and reads notes."""
    notes = NoteRepository(db=shared.db)
    yield notes
    yield NoteService(
        transaction=shared.transaction,
        notes=notes,
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(
    name="notes",
    blueprint=blp,
    build=build,
    models=(Note,),
    events=NoteEvent,
    personal_data=(
        PersonalData(
            name="notes",
            tables=("notes",),
            export=lambda user_id: provided(NoteRepository).of_owner(user_id),
            erase=lambda user_id, limit: provided(NoteRepository).delete_of(user_id, limit),
        ),
    ),
    migrations=MigrationBranch("notes", Path(__file__).parent / "versions"),
)
