"""What clients know: each request that they sent, and the answer that came, or none.

A file to which is only ever added: a line before a request is sent and one when it is over, each on
the disk before anything else happens. It holds digests and ids, no secret.
"""

import hashlib
import json
import os
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_SUCCESSES = range(200, 300)


@dataclass(frozen=True)
class Entry:
    """A request: what it asked for, and the answer. Without a status none came.

    `effect` is what the answer says that it has done, by which the row is found; `request` is the
    service's own id of the request, which the audit trail has.
    """

    number: int
    operation: str
    digest: str
    key: str | None = None
    target: str | None = None
    status: int | None = None
    request: str | None = None
    effect: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_acknowledged(self) -> bool:
        """Whether it was answered that it is done."""
        return self.status in _SUCCESSES


def digest_of(payload: Any) -> str:
    """Return by what a payload is known again."""
    return hashlib.sha256(json.dumps(payload, sort_keys=True).encode()).hexdigest()


class Ledger:
    """The file of a run."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()
        file.parent.mkdir(parents=True, exist_ok=True)
        self._output = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
        self._count = 0

    def sent(
        self, operation: str, payload: Any, *, key: str | None = None, target: str | None = None
    ) -> int:
        """Write that a request is about to be sent; return its number."""
        line = {"operation": operation, "digest": digest_of(payload), "key": key, "target": target}
        with self._lock:
            self._count += 1
            number = self._count
            self._write({"number": number, **line})
        return number

    def answered(
        self, number: int, status: int | None, request: str | None, effect: Mapping[str, Any]
    ) -> None:
        """Write how that request ended; without a status, that no answer came."""
        line = {"number": number, "status": status, "request": request, "effect": effect}
        with self._lock:
            self._write(line)

    def entries(self) -> list[Entry]:
        """Return what the file tells, in the order of sending."""
        told: dict[int, dict[str, Any]] = {}
        for line in self._lines():
            told.setdefault(line["number"], {}).update(line)
        return [Entry(**told[number]) for number in sorted(told)]

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._output, json.dumps(line).encode() + b"\n")
        os.fdatasync(self._output)

    def _lines(self) -> Iterator[dict[str, Any]]:
        with self._file.open(encoding="utf-8") as lines:
            for line in lines:
                yield json.loads(line)
