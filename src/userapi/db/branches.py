"""The branches of migrations that features of other packages bring, beside our own."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """A feature's migrations: their label, the folder of their versions, and their tables."""

    feature: str
    label: str
    folder: Path
    tables: frozenset[str]
