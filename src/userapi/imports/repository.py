"""Which imports, and their parts."""

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select, update

from userapi.db.pages import PagedRepository
from userapi.db.repository import columns_of, record_of
from userapi.db.rows import AnySelect
from userapi.imports.models import FAILURE_LENGTH, Import, ImportPart, ImportRefusal
from userapi.imports.records import (
    BY_ROW,
    KEPT_REFUSALS,
    NEWEST_FIRST,
    SHOWN_REFUSALS,
    Counts,
    ImportRecord,
    ImportState,
    Refusal,
    RequestedImport,
)
from userapi.kit.pagination import KeysetPage, KeysetRequest

_NO_SYNC = {"synchronize_session": False}


class ImportRepository(PagedRepository):
    """Imports."""

    def add(self, row: Import) -> ImportRecord:
        """Insert an import."""
        return self._save(row, ImportRecord)

    def get(self, import_id: uuid.UUID) -> ImportRecord | None:
        """Return the import with that id."""
        return self._one(_rows().where(Import.id == import_id), ImportRecord)

    def list(self, request: KeysetRequest) -> KeysetPage[ImportRecord]:
        """Return a part of all imports, newest first."""
        return self._keyset_page(_rows(), request, sort=NEWEST_FIRST, record=ImportRecord)

    def list_refusals(self, import_id: uuid.UUID, request: KeysetRequest) -> KeysetPage[Refusal]:
        """Return a part of the refused rows of an import that are kept, in their order."""
        rows = select(*columns_of(ImportRefusal, Refusal)).where(
            ImportRefusal.import_id == import_id
        )
        return self._keyset_page(rows, request, sort=BY_ROW, record=Refusal)

    def of_user(self, user_id: int) -> Iterator[RequestedImport]:
        """Yield the imports that a user asked for, newest first, within a transaction."""
        rows = select(*columns_of(Import, RequestedImport)).where(Import.requested_by == user_id)
        newest_first = rows.order_by(Import.created_at.desc(), Import.id.desc())
        return self._each(newest_first, RequestedImport)

    def lock(self, import_id: uuid.UUID) -> ImportRecord | None:
        """Return the import with that id, locked until the transaction ends."""
        query = select(Import).where(Import.id == import_id).with_for_update(key_share=True)
        found = self._db.scalars(query.execution_options(populate_existing=True)).one_or_none()
        return None if found is None else record_of(ImportRecord, found)

    def count_going_on(self, user_id: int) -> int:
        """Return how many imports that a user asked for are not over."""
        theirs = select(Import.id).where(Import.requested_by == user_id)
        return self._count(theirs.where(Import.ended_at.is_(None)))

    def advance(
        self,
        record: ImportRecord,
        counts: Counts,
        refusals: Collection[Refusal],
        digest: str | None,
    ) -> ImportRecord:
        """Write down how far an import is by now, and the first of its refusals; it is locked."""
        new = [
            {"import_id": record.id, **asdict(refusal)}
            for refusal in islice(refusals, max(KEPT_REFUSALS - record.refused, 0))
        ]
        if new:
            self._db.execute(insert(ImportRefusal), new)
        shown = [asdict(refusal) for refusal in refusals]
        kept = [*record.refusals, *shown][:SHOWN_REFUSALS]
        return self._set(record.id, **asdict(counts), digest=digest, refusals=kept)

    def add_part(self, record: ImportRecord, content: bytes, *, is_last: bool) -> ImportRecord:
        """Keep the next part of an import that is locked."""
        number = record.parts + 1
        self._add(ImportPart(import_id=record.id, number=number, content=content))
        state = ImportState.RUNNING if is_last else ImportState.RECEIVING
        return self._set(record.id, parts=number, size=record.size + len(content), state=state)

    def part(self, import_id: uuid.UUID, number: int) -> bytes | None:
        """Return one part."""
        query = select(ImportPart.content).where(
            ImportPart.import_id == import_id, ImportPart.number == number
        )
        return self._db.scalar(query)

    def end(
        self, import_id: uuid.UUID, state: ImportState, failure: str | None = None
    ) -> ImportRecord:
        """Let a locked import be over, and delete its parts."""
        self._db.execute(
            delete(ImportPart).where(ImportPart.import_id == import_id),
            execution_options=_NO_SYNC,
        )
        told = failure and failure[:FAILURE_LENGTH]
        return self._set(import_id, state=state, failure=told, ended_at=self._present())

    def count_ended(self, before: datetime) -> int:
        """Return how many imports were over before that time."""
        return self._count(select(Import.id).where(Import.ended_at < before))

    def delete_ended(self, before: datetime, limit: int) -> int:
        """Delete up to `limit` imports that were over before that time; return how many."""
        some = select(Import.id).where(Import.ended_at < before).limit(limit)
        ids = self._db.scalars(some.with_for_update(skip_locked=True)).all()
        for table, key in ((ImportRefusal, ImportRefusal.import_id), (Import, Import.id)):
            self._db.execute(delete(table).where(key.in_(ids)), execution_options=_NO_SYNC)
        return len(ids)

    def ids_left_alone(self, before: datetime, limit: int) -> Sequence[uuid.UUID]:
        """Return the ids of up to `limit` imports that wait for parts since before that time."""
        query = select(Import.id).where(
            Import.state == ImportState.RECEIVING, Import.created_at < before
        )
        return self._db.scalars(query.limit(limit)).all()

    def now(self) -> datetime:
        """Return the time by the database's clock."""
        return self._present()

    def _present(self) -> datetime:
        return self._db.scalars(select(self._now())).one()

    def _set(self, import_id: uuid.UUID, **values: Any) -> ImportRecord:
        changed = self._db.execute(
            update(Import)
            .where(Import.id == import_id)
            .values(**values)
            .returning(*columns_of(Import, ImportRecord)),
            execution_options=_NO_SYNC,
        )
        return record_of(ImportRecord, changed.one())


def _rows() -> AnySelect:
    return select(*columns_of(Import, ImportRecord))
