"""Imports and exports of files, on the operator's behalf."""

import uuid
from collections.abc import Generator
from contextlib import closing

from userapi.audit.service import AuditTrail, Detail
from userapi.imports.errors import ImportEnded, ImportNotFound
from userapi.imports.events import ImportEvent
from userapi.imports.models import Import
from userapi.imports.records import ImportFormat, ImportOptions, ImportRecord, ImportState
from userapi.imports.repository import ImportRepository
from userapi.imports.store import UserRows
from userapi.imports.writing import written
from userapi.kit.transaction import Transaction


class OperatorImports:
    """Begins and resumes imports of files, and writes exports."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        imports: ImportRepository,
        rows: UserRows,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._imports = imports
        self._rows = rows
        self._audit = audit

    def begin(self, options: ImportOptions) -> ImportRecord:
        """Begin the import of a file."""
        with self._transaction as tx:
            record = self._imports.add(
                Import(
                    state=ImportState.RUNNING,
                    format=options.format,
                    on_duplicate=options.on_duplicate,
                    keeps_ids=options.keeps_ids,
                    is_dry_run=False,
                    created_at=self._imports.now(),
                )
            )
            details: dict[str, Detail] = {
                "on_duplicate": str(options.on_duplicate),
                "keeps_ids": options.keeps_ids,
            }
            self._audit.record(None, ImportEvent.STARTED, object=record.id, details=details)
            tx.commit()
        return record

    def resume(self, import_id: uuid.UUID) -> ImportRecord:
        """Return an import of a file that is not over; raise `ImportNotFound` or `ImportEnded`."""
        record = self._imports.get(import_id)
        if record is None or record.requested_by is not None:
            raise ImportNotFound
        if record.is_over:
            raise ImportEnded
        return record

    def count_users(self) -> int:
        """Return how many users an export has."""
        return self._rows.count()

    def export(self, form: ImportFormat, *, with_hashes: bool) -> Generator[str, None, None]:
        """Yield a file of all users, in pieces: as they are at one moment.

        That somebody exports them is recorded before the first piece.
        """
        with self._transaction as tx:
            self._audit.record(None, ImportEvent.EXPORTED, details={"password_hashes": with_hashes})
            tx.commit()
        # One that is broken off ends what it reads first: the transaction could not end before.
        with self._transaction.reading(), closing(self._rows.export()) as rows:
            kept = rows if with_hashes else (row[:-1] for row in rows)
            yield from written(kept, form, with_hashes=with_hashes)
