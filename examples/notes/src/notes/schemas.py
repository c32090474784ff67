"""Notes on the wire."""

from notes.models import TEXT_LENGTH
from notes.records import NEWEST_FIRST, NoteDraft
from userapi.web.fields import StrictString, Timestamp
from userapi.web.input import InputSchema
from userapi.web.output import OutputSchema
from userapi.web.output_fields import BoundedString, Identifier
from userapi.web.query_fields import CursorText
from userapi.web.schemas import KeysetQuerySchema


class NoteSchema(OutputSchema):
    """A note."""

    plural = "notes"
    example = {  # noqa: RUF012 - never changed
        "id": 3,
        "text": "Buy punched cards.",
        "created_at": "2026-01-31T09:30:00.123456Z",
    }

    id = Identifier(required=True, metadata={"description": "Never used twice."})
    text = BoundedString(max_length=TEXT_LENGTH, required=True)
    created_at = Timestamp(required=True)


class NoteCreateSchema(InputSchema):
    """What somebody writes down."""

    makes = NoteDraft
    example = {"text": "Buy punched cards."}  # noqa: RUF012 - never changed

    text = StrictString(required=True, min_length=1, max_length=TEXT_LENGTH)


class NoteQuerySchema(KeysetQuerySchema):
    """Which part of the notes is wanted."""

    cursor = CursorText(
        NEWEST_FIRST,
        metadata={"description": "The `next_cursor` of an answer; without it the newest come."},
    )
