"""Imports, their rows, and what became of them."""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from userapi.kit.cursor import Sort

NEWEST_FIRST = Sort({"created_at": datetime, "id": uuid.UUID})

BY_ROW = Sort({"row": int}, is_descending=False)

MAX_EXPORTED = 1000
"""How many users a part of an export over HTTP has at most."""

SHOWN_REFUSALS = 100
"""How many refused rows an import tells of itself."""

KEPT_REFUSALS = 10_000
"""How many refused rows of an import are kept; the report of the command has all."""


class ImportFormat(StrEnum):
    """How users are written in a file."""

    NDJSON = "ndjson"
    CSV = "csv"


class OnDuplicate(StrEnum):
    """What becomes of a row with an address that an account has."""

    SKIP = "skip"
    UPDATE = "update"
    FAIL = "fail"


class ImportState(StrEnum):
    """How far an import is."""

    RECEIVING = "receiving"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class UserRow(NamedTuple):
    """A user who comes in; without an id where the database gives one.

    Points in time are as `kit.clock.timestamp` writes them: both databases take that.
    """

    id: int | None
    email: str
    first_name: str
    last_name: str
    is_active: bool
    role: str
    language: str | None
    email_verified_at: str | None
    email_set_at: str | None
    created_at: str
    updated_at: str
    password_hash: str


FIELDS = UserRow._fields
"""What a file has of each user, in the order in which it is written."""

SALT = "password_salt"
"""What a file has besides where its hashes are Firebase's."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A row that is not imported: which field is wrong, and why; nothing of what it held."""

    row: int
    field: str | None
    code: str
    detail: str


class Entry(NamedTuple):
    """What a file has in a row, or why it cannot be read."""

    row: int
    values: dict[str, object]
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How an import is done."""

    format: ImportFormat
    on_duplicate: OnDuplicate = OnDuplicate.FAIL
    keeps_ids: bool = False
    is_dry_run: bool = False


@dataclass(frozen=True, slots=True)
class ExportQuery:
    """Which part of a file of all users is wanted: so many beyond an id."""

    format: ImportFormat = ImportFormat.NDJSON
    after: int = 0
    limit: int = MAX_EXPORTED


@dataclass(frozen=True, slots=True)
class ExportPart:
    """A part of a file of all users; without `next_after` it is the last one."""

    format: ImportFormat
    content: str
    users: int
    next_after: int | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows were read, and what became of them."""

    rows_read: int = 0
    created: int = 0
    updated: int = 0
    skipped: int = 0
    refused: int = 0

    def plus(self, other: "Counts") -> "Counts":
        """Return the sum."""
        return Counts(
            self.rows_read + other.rows_read,
            self.created + other.created,
            self.updated + other.updated,
            self.skipped + other.skipped,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """An import as admins see it."""

    id: uuid.UUID
    state: ImportState
    format: ImportFormat
    on_duplicate: OnDuplicate
    keeps_ids: bool
    is_dry_run: bool
    requested_by: int | None
    parts: int
    size: int
    rows_read: int
    created: int
    updated: int
    skipped: int
    refused: int
    digest: str | None
    failure: str | None
    refusals: list[dict[str, object]]
    created_at: datetime
    ended_at: datetime | None

    @property
    def options(self) -> ImportOptions:
        """How it is done."""
        return ImportOptions(
            ImportFormat(self.format),
            OnDuplicate(self.on_duplicate),
            keeps_ids=self.keeps_ids,
            is_dry_run=self.is_dry_run,
        )

    @property
    def counts(self) -> Counts:
        """How many rows were read until now, and what became of them."""
        return Counts(self.rows_read, self.created, self.updated, self.skipped, self.refused)

    @property
    def is_over(self) -> bool:
        """Whether nothing will happen any more."""
        return self.state not in (ImportState.RECEIVING, ImportState.RUNNING)


@dataclass(frozen=True, slots=True)
class RequestedImport:
    """What is kept of who asked for an import."""

    id: uuid.UUID
    state: str
    format: str
    created: int
    created_at: datetime
    ended_at: datetime | None


@dataclass(slots=True)
class Decisions:
    """What is to be done with the rows of a batch."""

    created: list[UserRow] = field(default_factory=list)
    updates: dict[int, UserRow] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    counts: Counts = Counts()

    def count(self, **more: int) -> None:
        """Count rows."""
        self.counts = replace(
            self.counts, **{name: getattr(self.counts, name) + more[name] for name in more}
        )
