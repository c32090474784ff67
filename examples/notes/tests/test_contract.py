"""The contract checks of userapi, run on the notes."""

from notes.events import NoteEvent
from userapi.testing.checks import ContractChecks
from userapi.testing.contract import Call, Contract, Kind


class TestNotes(ContractChecks):
    contract = Contract(
        calls={
            "create_note": Call(
                body={"text": "Buy punched cards."}, status=201, event=NoteEvent.CREATED
            ),
            "list_notes": Call(Kind.LIST),
        },
        schemas={"Note", "NoteCreate", "NotePage"},
    )
