"""The order of a list, and places in it.

A cursor is opaque to clients but not secret, and not signed: every text of a sort's pattern is a
place in its list, so one that nobody gave does no harm.
"""

import re
from abc import ABC, abstractmethod
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from uuid import UUID

SortValue = datetime | int | str | UUID
MAX_CURSOR_LENGTH = 4000
"""How many characters a cursor has at most; 4 for 3 bytes of its values."""

_BACKWARD = "~"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_UUID_BYTES = 16
_LENGTH_BYTES = 2
_BYTES: Mapping[type[SortValue], int] = {
    datetime: 7,  # seven bytes of microseconds last from the year 828 to 3111
    int: 8,
    UUID: _UUID_BYTES,
    str: _LENGTH_BYTES,  # and as many more as these tell
}


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's place in a sorted list: its values of the sort's fields.

    It leads to the rows that come after, or with `is_backward` to those that come before.
    """

    values: tuple[SortValue, ...]
    is_backward: bool = False

    def __str__(self) -> str:
        """Write the cursor in the form of its sort's pattern."""
        packed = b"".join(_packed(value) for value in self.values)
        written = urlsafe_b64encode(packed).rstrip(b"=").decode()
        return f"{_BACKWARD}{written}" if self.is_backward else written


class _Written(ABC):
    """How the cursors of one sort, or of several, are written."""

    __slots__ = ()

    @property
    def pattern(self) -> str:
        """How a cursor is written; every text of this form is one."""
        return f"^{_BACKWARD}?{self._values_pattern}$"

    @property
    def forward_pattern(self) -> str:
        """How a cursor is written that leads to what comes after."""
        return f"^{self._values_pattern}$"

    @property
    def backward_pattern(self) -> str:
        """How a cursor is written that leads to what comes before."""
        return f"^{_BACKWARD}{self._values_pattern}$"

    @property
    @abstractmethod
    def _values_pattern(self) -> str:
        """How the values in a cursor are written."""

    def _ensure_form(self, text: str) -> None:
        """Raise `ValueError` for a text that is no cursor."""
        if not re.fullmatch(self.pattern[1:-1], text):
            message = "not a cursor"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, eq=False)
class Sort(_Written):
    """How a list is ordered: by fields of its records, with the type of each.

    Together the fields are unique, and none of them is ever None. Those in `folded` are compared
    without their case. A sort equals itself only.
    """

    fields: Mapping[str, type[SortValue]]
    is_descending: bool = True
    folded: Collection[str] = ()

    @property
    def max_length(self) -> int:
        """How many characters a cursor of this sort has at most."""
        return len(_BACKWARD) + self._longest

    @property
    def _longest(self) -> int:
        return MAX_CURSOR_LENGTH if str in self.fields.values() else self.shortest

    @property
    def _values_pattern(self) -> str:
        longest = "" if self._longest == self.shortest else f",{self._longest}"
        return rf"[A-Za-z0-9_-]{{{self.shortest}{longest}}}"

    @property
    def shortest(self) -> int:
        """How many characters a cursor of this sort has at least, without its direction."""
        return -(-sum(_BYTES[kind] for kind in self.fields.values()) * 4 // 3)

    def place_of(self, record: object, *, is_backward: bool = False) -> Cursor:
        """Return the place of a record, from where the list goes on, or back."""
        return Cursor(tuple(getattr(record, name) for name in self.fields), is_backward)

    def parse(self, text: str) -> Cursor:
        """Return the cursor that is written so; raise `ValueError` when it is none."""
        self._ensure_form(text)
        return self.read(text)

    def read(self, text: str) -> Cursor:
        """Return some place for every text that is written as the cursor of any sort is."""
        values = text.removeprefix(_BACKWARD)
        packed = BytesIO(urlsafe_b64decode(values + "A" * (-len(values) % 4)))
        place = tuple(_unpacked(packed, kind) for kind in self.fields.values())
        return Cursor(place, is_backward=values != text)


@dataclass(frozen=True, slots=True, eq=False)
class Sorts(_Written):
    """The orders that a list can have, by their names, as one: a cursor is read when it is known.

    What is the cursor of one of them is some place in each other one, too.
    """

    by_name: Mapping[str, Sort]

    @property
    def max_length(self) -> int:
        """How many characters a cursor has at most."""
        return max(sort.max_length for sort in self.by_name.values())

    @property
    def _values_pattern(self) -> str:
        shortest = min(sort.shortest for sort in self.by_name.values())
        return rf"[A-Za-z0-9_-]{{{shortest},{self.max_length - len(_BACKWARD)}}}"

    def parse(self, text: str) -> str:
        """Return the text of a cursor as it is; raise `ValueError` when it is none."""
        self._ensure_form(text)
        return text

    def read(self, text: str | None, name: str) -> Cursor | None:
        """Return the place that a cursor leads to in the sort of that name."""
        return None if text is None else self.by_name[name].read(text)


AnySort = Sort | Sorts


def _packed(value: SortValue) -> bytes:
    if isinstance(value, datetime):
        microseconds = (value - _EPOCH) // _MICROSECOND
        return microseconds.to_bytes(_BYTES[datetime], "big", signed=True)
    if isinstance(value, int):
        return value.to_bytes(_BYTES[int], "big", signed=True)
    if isinstance(value, UUID):
        return value.bytes
    encoded = value.encode()
    return len(encoded).to_bytes(_LENGTH_BYTES, "big") + encoded


def _unpacked(packed: BytesIO, kind: type[SortValue]) -> SortValue:
    """Read one value; what no value was packed to, or is missing, gives some value as well."""
    read = packed.read(_BYTES[kind])
    if kind is datetime:
        return _EPOCH + int.from_bytes(read, "big", signed=True) * _MICROSECOND
    if kind is int:
        return int.from_bytes(read, "big", signed=True)
    if kind is UUID:
        return UUID(bytes=read.ljust(_UUID_BYTES, b"\0"))
    text = packed.read(int.from_bytes(read, "big")).decode(errors="ignore")
    return text.replace("\0", "")  # PostgreSQL has no such character
