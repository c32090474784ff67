"""Versions, and which of them a change of the contract asks for."""

import enum
import re
from typing import NamedTuple, Self

from releasing import Refused

_VERSION = re.compile(r"(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


class Change(enum.Enum):
    """What a change of the contract means to those who call the API."""

    NONE = "does not change what callers can rely on"
    COMPATIBLE = "is compatible"
    BREAKING = "is breaking"


class Version(NamedTuple):
    """A version as Semantic Versioning has it; releases have no pre-release part."""

    major: int
    minor: int
    patch: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a version such as 1.2.3."""
        found = _VERSION.fullmatch(text)
        if found is None:
            message = f"{text!r} is no version; three numbers are needed, such as 1.2.3"
            raise Refused(message)
        return cls(*map(int, found.groups()))

    def after(self, change: Change) -> Self:
        """Return the lowest version that may bring such a change."""
        if change is Change.NONE:
            return self._replace(patch=self.patch + 1)
        # Before 1.0.0 a minor version takes the place of a major one.
        if change is Change.COMPATIBLE or self.major == 0:
            return self._replace(minor=self.minor + 1, patch=0)
        return self._replace(major=self.major + 1, minor=0, patch=0)

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"
