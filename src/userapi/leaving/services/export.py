"""What is kept of a person, collected from all features."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from userapi.leaving.records import Bounds, Export, ExportSection, item_of
from userapi.users.errors import UserNotFound

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from _typeshed import DataclassInstance

    from userapi.kit.personal_data import PersonalData
    from userapi.kit.principal import Principal
    from userapi.kit.transaction import Transaction
    from userapi.leaving.repository import ClosedAccountRepository


class ExportService:
    """Exports what features keep of persons, by what their manifests tell."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        closed: ClosedAccountRepository,
        kinds: Sequence[PersonalData],
    ) -> None:
        self._transaction = transaction
        self._closed = closed
        self._kinds = kinds

    def export_own(self, principal: Principal) -> Export:
        """Return what is kept of the caller: of each kind the newest, as much as `Bounds` let."""
        with self._transaction.reading():
            return self._export(principal.user_id, Bounds())

    def export_all(self, user_id: int) -> Export:
        """Return all that is kept of a user, closed or not, on the operator's behalf.

        Raises `UserNotFound` where there is none, or it was erased.
        """
        with self._transaction.reading():
            if not self._closed.is_kept(user_id):
                raise UserNotFound
            return self._export(user_id, None)

    def _export(self, user_id: int, bounds: Bounds | None) -> Export:
        sections = [
            _section_of(kind.name, kind.export(user_id), bounds)
            for kind in self._kinds
            if kind.export is not None
        ]
        return Export(user_id, self._closed.now(), sections)


def _section_of(
    name: str, records: Iterable[DataclassInstance], bounds: Bounds | None
) -> ExportSection:
    """Read what there is of one kind, and no more than is shown."""
    items: list[dict[str, object]] = []
    size = 0
    for record in records:
        item = item_of(record)
        size += len(json.dumps(item, ensure_ascii=False).encode())
        if bounds is not None and (len(items) == bounds.items or size > bounds.size):
            return ExportSection(name, items, is_complete=False)
        items.append(item)
    return ExportSection(name, items, is_complete=True)
