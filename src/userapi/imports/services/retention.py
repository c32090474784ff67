"""How long it is stored what became of imports."""

from datetime import timedelta
from functools import partial

from userapi.imports.records import ImportState
from userapi.imports.repository import ImportRepository
from userapi.imports.services.loading import ImportLoader
from userapi.kit.batches import BATCH_SIZE, Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction

PATIENCE = timedelta(days=1)
"""How long an import waits for its next part."""

_INCOMPLETE = "its last part never came"


class ImportRetention:
    """Deletes imports that ended long ago, and ends those whose parts do not come."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        imports: ImportRepository,
        loader: ImportLoader,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._imports = imports
        self._loader = loader
        self._retention = retention
        self._clock = clock

    def count_ended(self) -> int:
        """Return how many imports ended longer ago than the retention."""
        return self._imports.count_ended(self._clock() - self._retention)

    def delete_ended(self, report: Report = unreported) -> int:
        """Delete the imports that ended longer ago than the retention; return how many."""
        for import_id in self._imports.ids_left_alone(self._clock() - PATIENCE, BATCH_SIZE):
            self._loader.end(import_id, ImportState.FAILED, _INCOMPLETE)
        delete = partial(self._imports.delete_ended, self._clock() - self._retention)
        return purge_in_batches(self._transaction, delete, report)
