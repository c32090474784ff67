"""Requests one at a time over a connection that is kept, and what became of each."""

import http.client
import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

GIVE_UP_SECONDS = 15.0
_IDLE_SECONDS = 2.0
_UNAVAILABLE = 503
_PROBLEM = "application/problem+json"
_KEPT = ("content-type", "retry-after")


@dataclass(frozen=True)
class Request:
    """What is asked for."""

    operation: str
    method: str
    path: str
    body: Any = None
    token: str | None = None
    key: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """What is sent besides the body."""
        headers = {"Accept": "application/json"}
        if self.body is not None:
            headers["Content-Type"] = "application/json"
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        if self.key is not None:
            headers["Idempotency-Key"] = self.key
        return headers


@dataclass(frozen=True)
class Answer:
    """What came, when it was asked for, and how long it took; without a status, nothing came."""

    operation: str
    at: float
    seconds: float
    status: int | None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    error: str = ""

    @property
    def is_success(self) -> bool:
        """Whether what was asked for is done."""
        return self.status is not None and self.status // 100 == 2  # noqa: PLR2004 - 2xx

    @property
    def is_orderly_refusal(self) -> bool:
        """Whether it is how the service says that it cannot just now."""
        kind = self.headers.get("content-type", "").partition(";")[0]
        return self.status == _UNAVAILABLE and kind == _PROBLEM and "retry-after" in self.headers

    @property
    def code(self) -> str:
        """The problem's code, or nothing."""
        return str(self.body.get("code", "")) if isinstance(self.body, dict) else ""

    @property
    def outcome(self) -> str:
        """A word for it: the status and the problem's code, or the error."""
        return f"{self.status} {self.code}".strip() if self.status else self.error


class Answers:
    """All answers of a run."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._all: list[Answer] = []

    def add(self, answer: Answer) -> None:
        """Keep an answer, but not what it says: that is much."""
        brief = Answer(
            answer.operation,
            answer.at,
            answer.seconds,
            answer.status,
            {name: answer.headers[name] for name in _KEPT if name in answer.headers},
            {"code": answer.code},
            answer.error,
        )
        with self._lock:
            self._all.append(brief)

    def all(self) -> list[Answer]:
        """Return those that there are by now."""
        with self._lock:
            return list(self._all)


class Asker:
    """Asks for one thing after the other."""

    def __init__(self, url: str, answers: Answers, *, seconds: float = GIVE_UP_SECONDS) -> None:
        address = urlsplit(url)
        self._answers = answers
        self._used_at = 0.0
        self._connection = http.client.HTTPConnection(
            str(address.hostname), address.port, timeout=seconds
        )

    def ask(self, request: Request) -> Answer:
        """Ask once; what came is kept, too."""
        if time.monotonic() - self._used_at > _IDLE_SECONDS:
            # The server may give up an idle connection in the moment in which it is used again.
            self.close()
        began = time.monotonic()
        try:
            answer = self._exchange(request, began)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            seconds = time.monotonic() - began
            answer = Answer(request.operation, began, seconds, None, error=type(error).__name__)
        self._used_at = time.monotonic()
        self._answers.add(answer)
        return answer

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()

    def _exchange(self, request: Request, began: float) -> Answer:
        body = None if request.body is None else json.dumps(request.body)
        self._connection.request(request.method, request.path, body, request.headers)
        got = self._connection.getresponse()
        content = got.read()
        headers = {name.lower(): value for name, value in got.getheaders()}
        is_json = "json" in headers.get("content-type", "") and content
        said = json.loads(content) if is_json else None
        seconds = time.monotonic() - began
        return Answer(request.operation, began, seconds, got.status, headers, said)
