"""Bringing users in, batch by batch: the rows, and how far the import is, in one transaction."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import islice

from userapi.audit.service import AuditTrail
from userapi.imports import policy
from userapi.imports.deciding import Batch, decide
from userapi.imports.errors import ImportNotFound, ImportRunning, SourceRefused
from userapi.imports.events import ImportEvent
from userapi.imports.reading import Source
from userapi.imports.records import (
    Counts,
    Decisions,
    Entry,
    ImportRecord,
    ImportState,
    Refusal,
)
from userapi.imports.repository import ImportRepository
from userapi.imports.store import AlreadyThere, RowsRefused, UserRows
from userapi.imports.validation import FirebaseParameters, RowRules
from userapi.kit.clock import Clock
from userapi.kit.errors import NotAllowed
from userapi.kit.transaction import Transaction
from userapi.users.repository import UserRepository

BATCH_SIZE = 5000
"""How many rows are brought in at once."""

_ATTEMPTS = 10

Report = Callable[[Sequence[Refusal]], None]
"""A function that is told of refused rows, before it is written down that they were read."""

Watch = Callable[[Counts, int], None]
"""A function that is told after each batch what became of all rows, and how many bytes they had."""


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is told of an import while it runs; it pauses where `is_enough` for now."""

    report: Report = lambda _: None
    watch: Watch = lambda _counts, _size: None
    is_enough: Callable[[], bool] = lambda: False


NOBODY = Audience()


def batches(entries: Iterator[Entry], source: Source, rules: RowRules) -> Iterator[Batch]:
    """Yield the rows of a file, so many at once."""
    while some := list(islice(entries, BATCH_SIZE)):
        yield Batch(some, rules.check, source)


def one_ahead(items: Iterator[Batch]) -> Iterator[Batch]:
    """Yield the batches, the next of which is being made by a thread."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        coming = pool.submit(next, items, None)
        while (batch := coming.result()) is not None:
            coming = pool.submit(next, items, None)
            yield batch


class ImportLoader:
    """Runs imports; one that was broken off goes on behind its last batch."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        imports: ImportRepository,
        rows: UserRows,
        users: UserRepository,
        audit: AuditTrail,
        clock: Clock,
        special_use: bool,
    ) -> None:
        self._transaction = transaction
        self._imports = imports
        self._rows = rows
        self._users = users
        self._audit = audit
        self._clock = clock
        self._special_use = special_use

    def rules(self, *, keeps_ids: bool, firebase: FirebaseParameters | None = None) -> RowRules:
        """Return the rules for rows that come in now."""
        return RowRules(self._clock(), keeps_ids, self._special_use, firebase)

    def run(
        self,
        record: ImportRecord,
        source: Source,
        rules: RowRules,
        audience: Audience = NOBODY,
        ahead: Callable[[Iterator[Batch]], Iterator[Batch]] = iter,
    ) -> ImportRecord:
        """Bring in what is left of the file, until the end or until it is enough for now.

        `ahead` may have batches made while others are brought in.

        Raises `SourceRefused` for a file that is none, or another one than before, and
        `NotAllowed` when who asked for the import may not import any more.
        """
        entries = source.entries()
        _skip(record, source, entries)
        for batch in ahead(batches(entries, source, rules)):
            record = self._load(record, batch, audience.report)
            if record.is_over:
                return record
            audience.watch(record.counts, batch.bytes_read)
            if audience.is_enough():
                return record
        return self.end(record.id, ImportState.DONE)

    def end(
        self, import_id: uuid.UUID, state: ImportState, failure: str | None = None
    ) -> ImportRecord:
        """Let an import be over; one that is over stays as it is."""
        with self._transaction as tx:
            record = self._lock(import_id)
            if not record.is_over:
                record = self._end(import_id, state, failure)
                tx.commit()
        return record

    def conclude(
        self, record: ImportRecord, counts: Counts, refusals: Sequence[Refusal]
    ) -> ImportRecord:
        """Write down what a dry run has told, and let it be over; raise `NotAllowed`."""
        with self._transaction as tx:
            self._ensure_allowed(record)
            present = self._lock(record.id)
            if not present.is_over:
                self._imports.advance(present, counts, refusals, digest=None)
                present = self._end(record.id, ImportState.DONE)
                tx.commit()
        return present

    def _load(self, record: ImportRecord, batch: Batch, report: Report) -> ImportRecord:
        for _ in range(_ATTEMPTS):
            try:
                return self._load_once(record, batch, report)
            except AlreadyThere:
                continue  # somebody registered with one of the addresses: now it is seen
            except RowsRefused as error:
                first, last = batch.rows[0][0], batch.rows[-1][0]
                message = f"the database refuses one of the rows {first} to {last}"
                raise SourceRefused(message) from error
        message = "others keep taking the addresses of the same rows"
        raise RuntimeError(message)

    def _load_once(self, record: ImportRecord, batch: Batch, report: Report) -> ImportRecord:
        with self._transaction as tx:
            if record.keeps_ids:
                self._rows.lock_table()
            # Users first, as everybody does who locks an import too.
            decisions = self._decide(record, batch)
            present = self._lock(record.id)
            if present.is_over:
                return present
            if present.rows_read != record.rows_read:
                raise ImportRunning
            if decisions.created:
                self._rows.insert(decisions.created, keeps_ids=present.keeps_ids)
            self._rows.update(decisions.updates, self._clock())
            counts = replace(present.counts.plus(decisions.counts), rows_read=batch.last_row)
            advanced = self._imports.advance(present, counts, decisions.refusals, batch.digest)
            report(decisions.refusals)
            tx.commit()
        return advanced

    def _decide(self, record: ImportRecord, batch: Batch) -> Decisions:
        """Look what the database has of a batch, and lock whom it is about to change."""
        decisions = decide(
            batch,
            record.options.on_duplicate,
            holders=self._rows.holders(batch.emails),
            taken_ids=self._rows.taken_ids(batch.ids),
        )
        requester = [] if record.requested_by is None else [record.requested_by]
        self._rows.lock([*requester, *decisions.updates] if decisions.updates else [])
        self._ensure_allowed(record)
        return decisions

    def _ensure_allowed(self, record: ImportRecord) -> None:
        """Raise `NotAllowed` when who asked for an import may not import any more."""
        if record.requested_by is not None:
            role = self._users.share_active_role(record.requested_by)
            if not policy.may_still_import(role):
                raise NotAllowed

    def _lock(self, import_id: uuid.UUID) -> ImportRecord:
        record = self._imports.lock(import_id)
        if record is None:
            raise ImportNotFound
        return record

    def _end(
        self, import_id: uuid.UUID, state: ImportState, failure: str | None = None
    ) -> ImportRecord:
        record = self._imports.end(import_id, state, failure)
        self._audit.record(
            record.requested_by,
            ImportEvent.ENDED,
            object=record.id,
            details={"state": str(record.state), **asdict(record.counts)},
        )
        return record


def _skip(record: ImportRecord, source: Source, entries: Iterator[Entry]) -> None:
    """Read what was brought in before; raise `SourceRefused` where it is not the same."""
    if not record.rows_read:
        return
    for entry in entries:
        if entry.row >= record.rows_read:
            break
    if source.digest() != record.digest:
        reason = "it is not the one that this import began with"
        raise SourceRefused(reason)
