"""What is to change of an object: only the fields that were given.

A class of changes is a frozen dataclass, whose fields are like `first_name: str | Unset = UNSET`.
"""

from dataclasses import fields
from enum import Enum
from typing import Any, Final, Literal


class _Unset(Enum):
    UNSET = "unset"


Unset = Literal[_Unset.UNSET]
UNSET: Final = _Unset.UNSET
"""The value of a field that stays as it is; None is a value like any other."""


def given_fields(changes: Any) -> dict[str, Any]:
    """Return the fields that were given, by name."""
    values = {field.name: getattr(changes, field.name) for field in fields(changes)}
    return {name: value for name, value in values.items() if value is not UNSET}
