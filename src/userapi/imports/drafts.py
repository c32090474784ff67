"""What admins send: how users are to come in, and the file or its parts."""

from dataclasses import dataclass

from userapi.imports.records import ImportFormat, ImportOptions, OnDuplicate

UPLOADED_TYPES = {
    "application/x-ndjson": ImportFormat.NDJSON,
    "application/jsonl": ImportFormat.NDJSON,
    "text/csv": ImportFormat.CSV,
}
"""The media types that tell the format of a file."""


@dataclass(frozen=True, slots=True)
class ImportDraft:
    """How an admin wants users to come in, and the first of them."""

    format: ImportFormat
    content: str
    on_duplicate: OnDuplicate = OnDuplicate.FAIL
    is_dry_run: bool = False
    is_complete: bool = True

    @property
    def options(self) -> ImportOptions:
        """How it is done."""
        return ImportOptions(self.format, self.on_duplicate, is_dry_run=self.is_dry_run)


@dataclass(frozen=True, slots=True)
class UploadOptions:
    """How an admin wants the users of a file to come in; its type may tell the format."""

    format: ImportFormat | None = None
    on_duplicate: OnDuplicate = OnDuplicate.FAIL
    is_dry_run: bool = False

    def of_file(self, media_type: str) -> ImportOptions:
        """Return the options for a file that was sent with that type."""
        found = self.format or UPLOADED_TYPES.get(media_type, ImportFormat.NDJSON)
        return ImportOptions(found, self.on_duplicate, is_dry_run=self.is_dry_run)


@dataclass(frozen=True, slots=True)
class ImportPartDraft:
    """The next part of an import."""

    number: int
    content: str
    is_complete: bool = True
