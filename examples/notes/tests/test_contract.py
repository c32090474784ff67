"""The contract checks of userapi, run on the notes."""

from typing import ClassVar

from notes.events import NoteEvent
from userapi.testing.contract import Call, ContractChecks


class TestNotes(ContractChecks):
    calls: ClassVar[dict[str, Call]] = {
        "create_note": Call(body={"text": "Buy punched cards."}, event=NoteEvent.CREATED),
        "list_notes": Call(),
    }
