"""What a client does while things break: it signs up, logs in, works, and logs out again.

What a client cannot know it asks for again, as a careful one does: with the same key where there
is one, with the same token or the same text otherwise, until somebody answers.
"""

import base64
import contextlib
import itertools
import json
import random
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.ledger import Ledger
from support.paths import LOGIN, LOGOUT, ME, REFRESH, USERS

POSTS = "/api/v1/posts"
PASSWORD = "correct horse battery"  # noqa: S105 - that of every user here
ROUNDS = 12
"""How often somebody who is logged in does everything."""
_PAUSE = 0.2
_IN_DOUBT = {None, 409, 429, 503}
_KEY_IN_USE = "idempotency-key-in-use"

Effect = Callable[[Answer], Mapping[str, Any]]


@dataclass
class Dead:
    """Tokens whose session has ended, by what was answered."""

    tokens: list[str] = field(default_factory=list)

    def newest(self, count: int) -> list[str]:
        """Return so many of them, the newest last."""
        return self.tokens[-count:]


@dataclass(frozen=True)
class World:
    """What clients share."""

    url: str
    ledger: Ledger
    answers: Answers
    interval: float = 0.0
    """How long a client waits from one request to the next, at least."""
    is_over: threading.Event = field(default_factory=threading.Event)
    dead: Dead = field(default_factory=Dead)
    refused: list[str] = field(default_factory=list)
    """What should have been done, and was not: no doubt is a reason to refuse."""
    patience: float = 60.0
    rounds: int = ROUNDS

    def asker(self, answers: Answers | None = None) -> Asker:
        """Return what asks for somebody; what comes is kept there, or with all others."""
        return Asker(self.url, self.answers if answers is None else answers)


class Abandoned(Exception):
    """The run is over, or what was asked for cannot be had any more."""


class Client:
    """Somebody who asks; `name` tells its users from those of others."""

    def __init__(self, world: World, name: str) -> None:
        self._world = world
        self._name = name
        self._asker = world.asker()
        self._numbers = itertools.count(1)
        self._next_at = time.monotonic() + random.uniform(0, world.interval)  # noqa: S311 - no secret

    def run(self) -> None:
        """Go from journey to journey until the run is over."""
        try:
            while not self._world.is_over.is_set():
                try:
                    self._journey()
                except Abandoned:
                    continue
        finally:
            self._asker.close()

    def _journey(self) -> None:
        """Be somebody new, and do it all."""
        email = f"{self._name}-{next(self._numbers)}@example.com"
        person = {"email": email, "password": PASSWORD, "first_name": "Ada", "last_name": "Byron"}
        registered = self._do("register", "POST", USERS, person, has_key=True, effect=_made)
        credentials = {"email": email, "password": PASSWORD}
        tokens = self._do("login", "POST", LOGIN, credentials, effect=_session).body
        user = f"{USERS}/{registered.body['id']}"
        for _ in range(self._world.rounds):
            if self._world.is_over.is_set():
                break
            self._work(user, tokens["access_token"])
            tokens = self._refresh(tokens)
        self._log_out(tokens)

    def _work(self, user: str, token: str) -> None:
        text = f"Ada {uuid.uuid4().hex}"
        self._do("edit", "PATCH", user, {"first_name": text}, token, effect=_edited(text))
        posts = [
            self._do("post", "POST", POSTS, _post(), token, has_key=True, effect=_made).body["id"]
            for _ in range(2)
        ]
        self._ask(Request("read", "GET", ME, token=token))
        path = f"{POSTS}/{posts[0]}"
        self._do("delete", "DELETE", path, None, token, effect=lambda _: {"id": posts[0]})

    def _refresh(self, tokens: Mapping[str, str]) -> dict[str, str]:
        """Refresh; whoever was left without an answer for too long has to log in again."""
        answer = self._do(
            "refresh", "POST", REFRESH, None, tokens["refresh_token"], effect=_session
        )
        return dict(answer.body)

    def _log_out(self, tokens: Mapping[str, str]) -> None:
        access = tokens["access_token"]
        self._do("logout", "POST", LOGOUT, None, access, effect=lambda _: _session_in(access))
        self._world.dead.tokens.extend((access, tokens["refresh_token"]))

    def _do(  # noqa: PLR0913 - what is asked, and what is told of it
        self,
        operation: str,
        method: str,
        path: str,
        body: Any,
        token: str | None = None,
        *,
        has_key: bool = False,
        effect: Effect,
    ) -> Answer:
        """Ask for a change until it is known what became of it."""
        key = str(uuid.uuid4()) if has_key else None
        request = Request(operation, method, path, body, token, key)
        deadline = time.monotonic() + self._world.patience
        was_in_doubt = False
        while time.monotonic() < deadline:
            number = self._world.ledger.sent(operation, body, key=key, target=path)
            answer = self._ask(request)
            done = effect(answer) if answer.is_success else {}
            self._world.ledger.answered(
                number, answer.status, answer.headers.get("x-request-id"), done
            )
            if answer.is_success:
                return answer
            if not _is_in_doubt(answer):
                if not was_in_doubt:
                    self._world.refused.append(f"{operation}: {answer.outcome}")
                raise Abandoned
            was_in_doubt = True
            if self._world.is_over.wait(_PAUSE) and key is None:
                raise Abandoned
        raise Abandoned

    def _ask(self, request: Request) -> Answer:
        """Ask when it is time to."""
        now = time.monotonic()
        time.sleep(max(0.0, self._next_at - now))
        self._next_at = max(now, self._next_at) + self._world.interval
        return self._asker.ask(request)


@dataclass(frozen=True)
class Somebody:
    """Who is logged in, in a session that stays open."""

    email: str
    access: str


def sign_up(url: str, answers: Answers | None = None) -> Somebody:
    """Register somebody and log in; `answers` get those that come."""
    email = f"somebody-{uuid.uuid4().hex}@example.com"
    credentials = {"email": email, "password": PASSWORD}
    person = {**credentials, "first_name": "Ada", "last_name": "Byron"}
    with contextlib.closing(Asker(url, answers or Answers())) as asker:
        asker.ask(Request("register", "POST", USERS, person))
        login = asker.ask(Request("login", "POST", LOGIN, credentials))
    return Somebody(email, str(login.body["access_token"]))


def session_in(token: str) -> str:
    """Return the id of the session that a token names, as SQLite stores it."""
    claims = token.split(".")[1]
    told = json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))
    return str(told["sid"]).replace("-", "")


def _is_in_doubt(answer: Answer) -> bool:
    """Say whether somebody would ask once more."""
    if answer.status == 409:  # noqa: PLR2004 - a conflict
        return answer.code == _KEY_IN_USE
    return answer.status in _IN_DOUBT or answer.status == 500  # noqa: PLR2004 - it may have worked


def _post() -> dict[str, str]:
    return {"title": uuid.uuid4().hex, "content": "It weaves algebraical patterns."}


def _made(answer: Answer) -> dict[str, Any]:
    body = answer.body
    return {"id": body["id"], "text": body.get("email") or body.get("title")}


def _session(answer: Answer) -> dict[str, Any]:
    return _session_in(answer.body["access_token"])


def _session_in(token: str) -> dict[str, Any]:
    return {"id": session_in(token)}


def _edited(text: str) -> Effect:
    return lambda answer: {"id": answer.body["id"], "text": text, "version": _version(answer)}


def _version(answer: Answer) -> int:
    return int(answer.headers["etag"].strip('"').rpartition("-")[2])
