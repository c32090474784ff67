"""Imports over HTTP: their parts come in, and a job does the rest."""

import uuid
from functools import partial
from typing import BinaryIO

from userapi.audit.service import AuditTrail, Detail
from userapi.imports import policy
from userapi.imports.drafts import ImportDraft, ImportPartDraft
from userapi.imports.errors import (
    ImportComplete,
    ImportEnded,
    ImportNotFound,
    ImportPartOutOfOrder,
    ImportTooLarge,
    TooManyImports,
)
from userapi.imports.events import ImportEvent
from userapi.imports.models import Import
from userapi.imports.records import ImportOptions, ImportRecord, ImportState, Refusal
from userapi.imports.repository import ImportRepository
from userapi.kit.errors import FieldError, InvalidInput
from userapi.kit.pagination import KeysetPage, KeysetRequest
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.kit.uploads import UploadLimits
from userapi.outbox.service import Later

JOB = "import"
"""The kind of the jobs that bring users in."""

MAX_WAITING = 5
"""How many imports of an admin are not over at most."""

PIECE = 2**20
"""How many bytes a part of a file has that was uploaded whole."""


class ImportService:
    """Imports, as admins make, see and cancel them."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        imports: ImportRepository,
        later: Later,
        audit: AuditTrail,
        max_bytes: int,
        upload_limits: UploadLimits,
    ) -> None:
        self._transaction = transaction
        self._imports = imports
        self._later = later
        self._audit = audit
        self._max_bytes = max_bytes
        self.upload_limits = upload_limits

    def begin(self, principal: Principal, draft: ImportDraft) -> ImportRecord:
        """Begin an import with its first part, which may be the last one.

        Raises `NotAllowed`, `TooManyImports` or `ImportTooLarge`.
        """
        # The caller is written to, so that two requests do not both count the others.
        with self._transaction.of(principal, Writes({principal.user_id})) as tx:
            record = self._add(tx.principal, draft.options)
            record = self._keep(record, draft.content.encode(), is_last=draft.is_complete)
            tx.commit()
        return record

    def ensure_room(self, principal: Principal) -> None:
        """Raise `TooManyImports` where an upload would be one too many."""
        if self._imports.count_going_on(principal.user_id) >= MAX_WAITING:
            raise TooManyImports

    def upload(self, principal: Principal, options: ImportOptions, file: BinaryIO) -> ImportRecord:
        """Import a file that has come whole; it is cut into parts.

        Raises `NotAllowed`, `TooManyImports`, or `InvalidInput` for an empty file.
        """
        pieces = iter(partial(file.read, PIECE), b"")
        piece = next(pieces, None)
        if piece is None:
            raise InvalidInput([FieldError("length", "The file is empty.", pointer="")])
        with self._transaction.of(principal, Writes({principal.user_id})) as tx:
            record = self._add(tx.principal, options)
            for following in pieces:
                record = self._imports.add_part(record, piece, is_last=False)
                piece = following
            record = self._add_last(record, piece)
            tx.commit()
        return record

    def add_part(
        self, principal: Principal, import_id: uuid.UUID, part: ImportPartDraft
    ) -> ImportRecord:
        """Add the next part to an import.

        Raises `NotAllowed`, `ImportNotFound`, `ImportEnded`, `ImportComplete`,
        `ImportPartOutOfOrder` or `ImportTooLarge`.
        """
        with self._transaction.of(principal) as tx:
            policy.IMPORTING.ensure(tx.principal)
            record = self._lock(import_id)
            if record.state != ImportState.RECEIVING:
                raise ImportComplete
            if part.number != record.parts + 1:
                raise ImportPartOutOfOrder
            details: dict[str, Detail] = {"number": part.number}
            self._audit.record(principal, ImportEvent.CONTINUED, object=import_id, details=details)
            record = self._keep(record, part.content.encode(), is_last=part.is_complete)
            tx.commit()
        return record

    def list(self, principal: Principal, request: KeysetRequest) -> KeysetPage[ImportRecord]:
        """Return a part of all imports, newest first; raise `NotAllowed`."""
        policy.IMPORTING.ensure(principal)
        return self._imports.list(request)

    def get(self, principal: Principal, import_id: uuid.UUID) -> ImportRecord:
        """Return one import; raise `NotAllowed` or `ImportNotFound`."""
        policy.IMPORTING.ensure(principal)
        found = self._imports.get(import_id)
        if found is None:
            raise ImportNotFound
        return found

    def refusals(
        self, principal: Principal, import_id: uuid.UUID, request: KeysetRequest
    ) -> KeysetPage[Refusal]:
        """Return a part of the refused rows; raise `NotAllowed` or `ImportNotFound`."""
        self.get(principal, import_id)
        return self._imports.list_refusals(import_id, request)

    def cancel(self, principal: Principal, import_id: uuid.UUID) -> None:
        """Stop an import where it is: what was brought in stays.

        Raises `NotAllowed`, `ImportNotFound` or `ImportEnded`.
        """
        with self._transaction.of(principal) as tx:
            policy.IMPORTING.ensure(tx.principal)
            self._lock(import_id)
            self._imports.end(import_id, ImportState.CANCELLED)
            self._audit.record(principal, ImportEvent.CANCELLED, object=import_id)
            tx.commit()

    def _lock(self, import_id: uuid.UUID) -> ImportRecord:
        record = self._imports.lock(import_id)
        if record is None:
            raise ImportNotFound
        if record.is_over:
            raise ImportEnded
        return record

    def _add(self, principal: Principal, options: ImportOptions) -> ImportRecord:
        """Add an import that waits for its parts; `principal` is who asks, as locked."""
        policy.IMPORTING.ensure(principal)
        self.ensure_room(principal)
        record = self._imports.add(
            Import(
                state=ImportState.RECEIVING,
                format=options.format,
                on_duplicate=options.on_duplicate,
                keeps_ids=False,
                is_dry_run=options.is_dry_run,
                requested_by=principal.user_id,
                created_at=self._imports.now(),
            )
        )
        details: dict[str, Detail] = {
            "on_duplicate": str(options.on_duplicate),
            "is_dry_run": options.is_dry_run,
        }
        self._audit.record(principal, ImportEvent.STARTED, object=record.id, details=details)
        return record

    def _keep(self, record: ImportRecord, content: bytes, *, is_last: bool) -> ImportRecord:
        if record.size + len(content) > self._max_bytes:
            raise ImportTooLarge
        if is_last:
            return self._add_last(record, content)
        return self._imports.add_part(record, content, is_last=False)

    def _add_last(self, record: ImportRecord, content: bytes) -> ImportRecord:
        self._later.put(JOB, f"{record.id}:0", {"import_id": str(record.id)})
        return self._imports.add_part(record, content, is_last=True)
