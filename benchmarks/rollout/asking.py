"""Requests one after the other, and what came of all of them."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from support.haproxy import SERVED_BY

_TIMEOUT = 30
_UNAUTHORIZED = 401
_NOBODY = "nobody"


class Unanswered(Exception):
    """A request was not answered as it should have been; it is counted already."""


@dataclass
class Tally:
    """What came of the requests of all clients.

    `taken` counts registrations that the other version, where they were repeated, did not know.
    """

    seconds: list[float] = field(default_factory=list)
    worst: tuple[float, str] = (0.0, "nothing")
    served: Counter[str] = field(default_factory=Counter)
    failed: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    taken: int = 0
    phase: str = "at first"
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @property
    def asked(self) -> int:
        """How many requests there were."""
        return len(self.seconds)

    @property
    def failures(self) -> list[str]:
        """What went wrong: failed, lost, ended."""
        return [*self.failed, *self.lost, *self.ended]

    def count(self, server: str, seconds: float, what: str) -> None:
        """Count a request, whatever came of it."""
        with self._lock:
            self.seconds.append(seconds)
            self.served[server] += 1
            self.worst = max(self.worst, (seconds, f"{what}, {self.phase}"))

    def fail(self, what: str) -> None:
        """Count a request that was not answered as it should have been."""
        self.failed.append(f"{what}, {self.phase}")

    def end(self, what: str) -> None:
        """Count a session that ended although nobody ended it."""
        self.ended.append(f"{what}, {self.phase}")

    def count_taken(self) -> None:
        """Count a registration that was done at the other version."""
        with self._lock:
            self.taken += 1

    def lose(self, what: str) -> None:
        """Count a write that was acknowledged and is not there."""
        self.lost.append(f"{what}, {self.phase}")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Message
    body: Any

    @property
    def server(self) -> str:
        """Which server the answer is from."""
        return str(self.headers.get(SERVED_BY, _NOBODY))


class Client:
    """Asks over a connection that is kept, at most once in so many seconds, and counts."""

    def __init__(self, url: str, tally: Tally, *, pause: float = 0.0) -> None:
        address = urlsplit(url)
        self.tally = tally
        self._pause, self._next = pause, time.monotonic()
        self._connection = http.client.HTTPConnection(
            str(address.hostname), address.port, timeout=_TIMEOUT
        )

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def ask(
        self,
        what: tuple[str, str],
        *statuses: int,
        body: Any = None,
        token: str | None = None,
        **headers: str,
    ) -> Answer:
        """Send a request, method and path; return the answer, which must have one of the statuses.

        `headers` are named with underscores. Raises `Unanswered`.
        """
        time.sleep(max(0.0, self._next - time.monotonic()))
        self._next = max(self._next + self._pause, time.monotonic())
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if token is not None:
            given["Authorization"] = f"Bearer {token}"
        if body is not None:
            given["Content-Type"] = "application/json"
        answer = self._answer(what, None if body is None else json.dumps(body), given)
        if answer.status not in statuses:
            why = f"{answer.status} of {answer.server}: {answer.body}"
            self._refuse(what, why, answer.status)
        return answer

    def _answer(
        self, what: tuple[str, str], body: str | None, headers: Mapping[str, str]
    ) -> Answer:
        name, began = " ".join(what), time.monotonic()
        try:
            self._connection.request(*what, body, dict(headers))
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self.tally.count(_NOBODY, time.monotonic() - began, name)
            self.tally.fail(f"{name}: {error!r}")
            raise Unanswered from error
        answer = Answer(response.status, response.headers, _read(content))
        self.tally.count(answer.server, time.monotonic() - began, name)
        return answer

    def _refuse(self, what: tuple[str, str], why: str, status: int) -> None:
        message = f"{' '.join(what)}: {why}"
        self.tally.fail(message)
        if status == _UNAUTHORIZED:
            self.tally.end(message)
        raise Unanswered(message)


def _read(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return content.decode(errors="replace")
