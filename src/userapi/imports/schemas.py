"""Imports and exports on the wire."""

from marshmallow import fields

from userapi.imports.drafts import ImportDraft, ImportPartDraft, UploadOptions
from userapi.imports.models import FAILURE_LENGTH, REASON_LENGTH
from userapi.imports.records import (
    BY_ROW,
    MAX_EXPORTED,
    NEWEST_FIRST,
    SHOWN_REFUSALS,
    ExportQuery,
    ImportFormat,
    ImportState,
    OnDuplicate,
)
from userapi.kit.pagination import KeysetRequest
from userapi.web.fields import Choice, StrictBoolean, StrictString, Timestamp
from userapi.web.input import InputSchema, QuerySchema
from userapi.web.known_values import OpenString
from userapi.web.number_fields import StrictInteger
from userapi.web.output import OutputSchema
from userapi.web.output_fields import (
    MAX_ID,
    MAX_INT32,
    BoundedInteger,
    BoundedList,
    BoundedString,
    Identifier,
    UuidIdentifier,
)
from userapi.web.query_fields import QueryBoolean, QueryInteger, cursor_of
from userapi.web.schemas import KeysetQuerySchema

MAX_PART = 2**30
"""How many characters a part has at most; what one request may bring is fewer, as a rule."""

_MAX_EXPORT = 2_000_000
_CONTENT = (
    "Users, one in a line: JSON objects, or rows of CSV behind a header. A line that a part ends "
    "within goes on in the next one."
)
_ON_DUPLICATE = (
    "What becomes of a row with an address that an account has: nothing; its names and language "
    "become the account's; or (when it is left out) it is refused."
)
_DRY_RUN = "Whether it is only told what would happen."
_COMPLETE = "Whether this is the last part; true when it is left out."
LINE = '{"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}\n'
"""What a file has of a user, as an example."""


class ImportCreateSchema(InputSchema):
    """How users are to come in, and the first of them."""

    example = {"format": "ndjson", "on_duplicate": "skip", "content": LINE}

    makes = ImportDraft

    format = Choice(ImportFormat, required=True)
    on_duplicate = Choice(OnDuplicate, metadata={"description": _ON_DUPLICATE})
    is_dry_run = StrictBoolean(metadata={"description": _DRY_RUN})
    content = StrictString(
        required=True, min_length=1, max_length=MAX_PART, metadata={"description": _CONTENT}
    )
    is_complete = StrictBoolean(metadata={"description": _COMPLETE})


class ImportPartSchema(InputSchema):
    """The next part of an import."""

    example = {"number": 2, "content": LINE, "is_complete": True}

    makes = ImportPartDraft

    number = StrictInteger(
        required=True,
        minimum=1,
        maximum=MAX_INT32,
        metadata={"description": "One more than the `parts` that the import has."},
    )
    content = StrictString(
        required=True, min_length=1, max_length=MAX_PART, metadata={"description": _CONTENT}
    )
    is_complete = StrictBoolean(metadata={"description": _COMPLETE})


class ImportUploadQuerySchema(QuerySchema):
    """How the users of a file are to come in."""

    makes = UploadOptions

    format = Choice(
        ImportFormat,
        metadata={
            "description": "What the file is. When it is left out, its `Content-Type` tells, and "
            "`application/octet-stream` is taken for `ndjson`."
        },
    )
    on_duplicate = Choice(OnDuplicate, metadata={"description": _ON_DUPLICATE})
    is_dry_run = QueryBoolean(metadata={"description": _DRY_RUN})


class RefusedRowSchema(OutputSchema):
    """A row that is not imported, and why; nothing of what it holds."""

    plural = "refusals"

    example = {
        "row": 3,
        "field": "email",
        "code": "taken",
        "detail": "An account, or an earlier row, has this address.",
    }

    row = BoundedInteger(
        minimum=1,
        maximum=MAX_ID,
        required=True,
        metadata={"description": "In NDJSON the line's number; the header of CSV has none."},
    )
    field = BoundedString(max_length=REASON_LENGTH, required=True, allow_none=True)
    code = BoundedString(max_length=REASON_LENGTH, required=True)
    detail = BoundedString(max_length=FAILURE_LENGTH, required=True)


class ImportSchema(OutputSchema):
    """An import of users, and how far it is."""

    plural = "imports"

    example = {
        "id": "0b5e8a3c-2f1d-4c56-9e0a-7d1f3b2c4e5f",
        "state": "done",
        "format": "ndjson",
        "on_duplicate": "skip",
        "is_dry_run": False,
        "requested_by": 1,
        "parts": 1,
        "size": 220,
        "rows_read": 3,
        "created": 2,
        "updated": 0,
        "skipped": 0,
        "refused": 1,
        "refusals": [RefusedRowSchema.example],
        "failure": None,
        "created_at": "2026-01-31T09:30:00.123456Z",
        "ended_at": "2026-01-31T09:30:02.123456Z",
    }

    id = UuidIdentifier(required=True)
    state = OpenString(known=ImportState, required=True)
    format = OpenString(known=ImportFormat, required=True)
    on_duplicate = OpenString(known=OnDuplicate, required=True)
    is_dry_run = fields.Boolean(required=True)
    requested_by = Identifier(
        required=True, allow_none=True, metadata={"description": "Nobody where the operator did."}
    )
    parts = BoundedInteger(maximum=MAX_INT32, required=True)
    size = BoundedInteger(
        maximum=MAX_ID, required=True, metadata={"description": "In bytes, of all parts."}
    )
    rows_read = BoundedInteger(
        maximum=MAX_ID, required=True, metadata={"description": "The number of the last one read."}
    )
    created = BoundedInteger(maximum=MAX_ID, required=True)
    updated = BoundedInteger(maximum=MAX_ID, required=True)
    skipped = BoundedInteger(maximum=MAX_ID, required=True)
    refused = BoundedInteger(maximum=MAX_ID, required=True)
    refusals = BoundedList(
        fields.Nested(RefusedRowSchema),
        max_items=SHOWN_REFUSALS,
        required=True,
        metadata={"description": "The first of the refused rows."},
    )
    failure = BoundedString(
        max_length=FAILURE_LENGTH,
        required=True,
        allow_none=True,
        metadata={"description": "Why it failed, as a whole."},
    )
    created_at = Timestamp(required=True)
    ended_at = Timestamp(required=True, allow_none=True)


class ImportQuerySchema(KeysetQuerySchema):
    """Which part of the list is wanted."""

    makes = KeysetRequest

    cursor = cursor_of(NEWEST_FIRST)


class RefusalQuerySchema(KeysetQuerySchema):
    """Which part of the refused rows is wanted."""

    makes = KeysetRequest

    cursor = cursor_of(BY_ROW)


class UserExportQuerySchema(QuerySchema):
    """Which part of the file is wanted."""

    makes = ExportQuery

    format = Choice(ImportFormat, metadata={"description": "`ndjson` when it is left out."})
    after = QueryInteger(
        minimum=0,
        maximum=MAX_ID,
        metadata={"description": "The `next_after` of the part before; the first one has none."},
    )
    limit = QueryInteger(
        minimum=1,
        maximum=MAX_EXPORTED,
        metadata={"description": f"How many users at most; {MAX_EXPORTED} when it is left out."},
    )


class UserExportSchema(OutputSchema):
    """A part of a file of all users."""

    example = {"format": "ndjson", "content": '{"id":7}\n', "users": 1, "next_after": None}

    format = OpenString(known=ImportFormat, required=True)
    content = BoundedString(
        max_length=_MAX_EXPORT,
        required=True,
        metadata={"description": "All parts, one after the other, are the file."},
    )
    users = BoundedInteger(maximum=MAX_EXPORTED, required=True)
    next_after = Identifier(
        required=True,
        allow_none=True,
        metadata={"description": "Where the next part begins; null behind the last one."},
    )
