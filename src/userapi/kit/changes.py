"""What is to change of an object: only the fields that were given.

A class of changes is a frozen dataclass, whose fields are like `first_name: str | Unset = UNSET`.
"""

from enum import Enum
from typing import Final, Literal


class _Unset(Enum):
    UNSET = "unset"


Unset = Literal[_Unset.UNSET]
UNSET: Final = _Unset.UNSET
"""The value of a field that stays as it is; None is a value like any other."""
