"""What a feature keeps of a person: shown to the person, and erased when the account is gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from _typeshed import DataclassInstance

    Export = Callable[[int], Iterable[DataclassInstance]]
    Erase = Callable[[int, int], int]


_NAME = re.compile("[a-z0-9]+(-[a-z0-9]+)*")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """A kind of what is kept of users, of which these `tables` have rows.

    `export` yields what there is of a user, as records without a secret, the newest first; not all
    of them may be read. Without it there is nothing that would tell the person anything. `erase`
    deletes at most so many rows of a user and returns how many, and is called again while it
    returns no fewer. Both run in an application context, within the transaction of their caller,
    which only reads for an `export`, and neither commits. Raises `ValueError` for a name other than
    `small-letters-and-hyphens`.
    """

    name: str
    tables: Collection[str]
    export: Export | None
    erase: Erase

    def __post_init__(self) -> None:
        """Check the name: it is told to persons, in their export."""
        if not _NAME.fullmatch(self.name):
            message = f"{self.name!r} is no name of personal data; take small letters and hyphens"
            raise ValueError(message)


def keep(_user_id: int, _limit: int) -> int:
    """Delete nothing; an `erase` of what stays, and names somebody who is no one any more."""
    return 0
