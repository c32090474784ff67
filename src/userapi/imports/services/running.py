"""The jobs of imports that came over HTTP."""

import uuid
from datetime import timedelta

from userapi.imports.errors import SourceRefused
from userapi.imports.parts import stream_of
from userapi.imports.reading import Source
from userapi.imports.records import KEPT_REFUSALS, ImportRecord, ImportState, Refusal
from userapi.imports.repository import ImportRepository
from userapi.imports.services.loading import Audience, ImportLoader
from userapi.imports.services.receiving import JOB
from userapi.imports.services.trial import ImportTrial
from userapi.kit.clock import Clock
from userapi.kit.errors import NotAllowed
from userapi.kit.jobs import Payload
from userapi.kit.transaction import Transaction
from userapi.outbox.service import Later

SLICE = timedelta(seconds=60)
"""After how long a job leaves the rest to another one: a worker may end, and others wait."""

_NOT_ALLOWED = "who asked for it may not import any more"
_GIVEN_UP = "it failed again and again; the log of the worker tells why"


class ImportJobs:
    """Does imports, a slice at a time."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        imports: ImportRepository,
        loader: ImportLoader,
        trial: ImportTrial,
        later: Later,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._imports = imports
        self._loader = loader
        self._trial = trial
        self._later = later
        self._clock = clock

    def run(self, payload: Payload) -> None:
        """Go on with an import, and leave to another job what takes longer than a slice."""
        record = self._imports.get(_id_of(payload))
        if record is None or record.state != ImportState.RUNNING:
            return
        stream = stream_of(lambda number: self._imports.part(record.id, number))
        source = Source(stream, record.options.format)
        try:
            if record.is_dry_run:
                self._try(record, source)
            else:
                self._load(record, source, payload)
        except SourceRefused as error:
            self._loader.end(record.id, ImportState.FAILED, error.reason)
        except NotAllowed:
            self._loader.end(record.id, ImportState.FAILED, _NOT_ALLOWED)

    def give_up(self, payload: Payload) -> None:
        """Let an import be over whose job is not tried again."""
        if self._imports.get(_id_of(payload)) is not None:
            self._loader.end(_id_of(payload), ImportState.FAILED, _GIVEN_UP)

    def _load(self, record: ImportRecord, source: Source, payload: Payload) -> None:
        end = self._clock() + SLICE
        rules = self._loader.rules(keeps_ids=False)
        audience = Audience(is_enough=lambda: self._clock() > end)
        loaded = self._loader.run(record, source, rules, audience)
        if not loaded.is_over:
            with self._transaction as tx:
                self._later.put(JOB, f"{record.id}:{loaded.rows_read}", payload)
                tx.commit()

    def _try(self, record: ImportRecord, source: Source) -> None:
        refusals: list[Refusal] = []
        audience = Audience(
            report=lambda more: refusals.extend(more[: KEPT_REFUSALS - len(refusals)])
        )
        rules = self._loader.rules(keeps_ids=False)
        counts = self._trial.run(record.options, source, rules, audience)
        self._loader.conclude(record, counts, refusals)


def _id_of(payload: Payload) -> uuid.UUID:
    return uuid.UUID(str(payload["import_id"]))
