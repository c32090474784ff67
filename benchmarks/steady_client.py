"""A client as others are: it asks at a steady rate and expects an answer each time."""

import http.client
import json
import statistics
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_TIMEOUT = 10


@dataclass(frozen=True)
class Call:
    """Something that is asked every so many seconds, and the status that is right."""

    name: str
    every: float
    method: str
    path: str
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None


@dataclass
class Record:
    """How long the answers took, in seconds, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Which share of the calls was answered as it should be."""
        return len(self.seconds) / max(1, len(self.seconds) + len(self.failures))

    def quantile(self, part: float) -> float:
        """Return the time within which that part of the answers came."""
        if len(self.seconds) < 2:  # noqa: PLR2004 - what quantiles() needs
            return float("nan")
        return statistics.quantiles(self.seconds, n=1000)[round(part * 1000) - 1]


def ask_for(url: str, seconds: float, calls: list[Call]) -> dict[str, Record]:
    """Make every call at its rate for so long, each over a connection of its own."""
    records = {call.name: Record() for call in calls}
    end = time.monotonic() + seconds
    threads = [
        threading.Thread(target=_repeat, args=(url, call, end, records[call.name]))
        for call in calls
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return records


def together(records: Mapping[str, Record]) -> Record:
    """Return one record of all."""
    return Record(
        [second for record in records.values() for second in record.seconds],
        [failure for record in records.values() for failure in record.failures],
    )


def _repeat(url: str, call: Call, end: float, record: Record) -> None:
    while (began := time.monotonic()) < end:
        try:
            status = _status(url, call)
        except (OSError, http.client.HTTPException) as error:
            record.failures.append(f"{call.name}: {error!r}")
        else:
            if status == call.status:
                record.seconds.append(time.monotonic() - began)
            else:
                record.failures.append(f"{call.name}: {status}")
        time.sleep(max(0.0, began + call.every - time.monotonic()))


def _status(url: str, call: Call) -> int:
    address = urlsplit(url)
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=_TIMEOUT)
    try:
        body = None if call.body is None else json.dumps(call.body)
        connection.request(call.method, call.path, body, dict(call.headers))
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()
