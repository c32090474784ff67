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


def build(shared: Shared) -> Iterator[object]:
    """Yield what writes and reads notes."""
    yield NoteService(
        transaction=shared.transaction,
        notes=NoteRepository(db=shared.db),
        audit=shared.get(AuditTrail),
    )


FEATURE = Feature(
    name="notes",
    blueprint=blp,
    build=build,
    models=(Note,),
    events=NoteEvent,
    migrations=MigrationBranch("notes", Path(__file__).parent / "versions"),
)
