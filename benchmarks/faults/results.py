"""What was found by a run, kept in a file so that a run that was broken off can go on."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.faults.case import Seen


@dataclass(frozen=True)
class Result:
    """What a case found on a database, and how long it took."""

    case: str
    database: str
    figure: str
    misses: Sequence[str]
    seconds: float
    acknowledged: int = 0
    in_doubt: int = 0

    @classmethod
    def of(cls, case: str, database: str, seen: Seen, seconds: float) -> "Result":
        """Return a result with what was seen; what was late is missed, too."""
        return cls(
            case,
            database,
            seen.figure,
            (*seen.misses, *seen.late),
            seconds,
            seen.acknowledged,
            seen.in_doubt,
        )


class Results:
    """The results in a file; those of a case that is run anew take the place of the old."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._all: dict[tuple[str, str], Result] = {}

    def read(self) -> None:
        """Go on from what the file has."""
        if self._file.exists():
            for told in json.loads(self._file.read_text(encoding="utf-8")):
                result = Result(**told)
                self._all[result.case, result.database] = result

    def of(self, case: str, database: str) -> Result | None:
        """Return what a case found on a database, if it has run."""
        return self._all.get((case, database))

    def all(self) -> list[Result]:
        """Return all there are."""
        return list(self._all.values())

    def add(self, result: Result) -> None:
        """Add one, and write the file anew."""
        self._all[result.case, result.database] = result
        self._file.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps([asdict(each) for each in self._all.values()], indent=1)
        written = self._file.with_suffix(".new")
        written.write_text(text, encoding="utf-8")
        written.replace(self._file)
