"""The requests of a work, made for a contender."""

import itertools
import random
import uuid
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import quote

import httpx

from benchmarks.speed.contenders import Contender
from benchmarks.speed.database import id_of
from benchmarks.speed.load import Load
from benchmarks.speed.works import COMMON, PASSWORD, PER_PAGE, RARE, Work, email_of, request
from support.processes import client_of
from userapi.kit.text import printable

_CALLERS = 16
_READ = 1000
_LOGGED_IN = 500
_SHOWN = 80


class NotThere(Exception):
    """The contender does not answer this work; says why."""


class Asking:
    """Makes the requests for one contender that runs on a port, with so many users."""

    def __init__(self, contender: Contender, port: int, users: int) -> None:
        self._contender = contender
        self._api = contender.api
        self._port = port
        self._users = users
        self._random = random.Random(users)  # noqa: S311 - which user is read is no secret

    def load(self, work: Work) -> Load:
        """Return the load of a work that was answered once; raise `NotThere`."""
        if work.name not in self._api.paths:
            raise NotThere(self._contender.left_out)
        others = {
            "login": self._login,
            "refresh": self._refresh,
            "register": self._register,
            "patch": self._patch,
        }
        load = others[work.name]() if work.name in others else self._reading(work)
        self._probe(load)
        return Load(load.address, load.requests, work.connections, load.tell)

    def body(self, work: Work) -> bytes:
        """Return what the contender answers to a work."""
        return self._probe(self._reading(work))

    def flood(self, connections: int) -> Load:
        """Return log-ins on more connections than are answered at once."""
        return Load(self._address, self._login().requests, connections)

    @property
    def _address(self) -> tuple[str, int]:
        return "127.0.0.1", self._port

    def _load(
        self, requests: Iterator[bytes], tell: Callable[[bytes], object] | None = None
    ) -> Load:
        return Load(self._address, requests, 1, tell)

    def _probe(self, load: Load) -> bytes:
        """Ask once, by another client than the one that measures."""
        head, _, body = next(load.requests).partition(b"\r\n\r\n")
        line, *fields = head.decode().split("\r\n")
        method, path, _ = line.split(" ")
        headers = dict(field.split(": ", 1) for field in fields)
        with self._client() as client:
            answer = client.request(method, path, headers=headers, content=body)
        if not answer.is_success:
            message = f"not there: {answer.status_code} {printable(answer.text, _SHOWN)}"
            raise NotThere(message)
        if load.tell is not None:
            load.tell(answer.content)
        return answer.content

    def _client(self) -> httpx.Client:
        return client_of(f"http://127.0.0.1:{self._port}")

    # Reading

    def _reading(self, work: Work) -> Load:
        path = self._api.paths[work.name]
        if work.name == "deep":
            path = self._deep_path(path)
        numbers = (1 + self._random.randrange(self._users) for _ in range(_READ))
        known: dict[str, Any] = {"rare": RARE, "common": COMMON}
        paths = (
            [path.format(number=number, uuid=id_of(number)) for number in numbers]
            if work.name == "user"
            else [path.format(**known)]
        )
        callers = self._callers if self._contender.table else [{}]
        made = [
            request("GET", one, headers=headers)
            for one, headers in zip(
                itertools.cycle(paths), self._as_many(callers, paths), strict=False
            )
        ]
        return self._load(itertools.cycle(made))

    @staticmethod
    def _as_many(callers: list[dict[str, str]], paths: list[str]) -> Iterator[dict[str, str]]:
        return itertools.islice(itertools.cycle(callers), max(len(callers), len(paths)))

    def _deep_path(self, path: str) -> str:
        """Return the path of the page half way: by cursor where pages have one."""
        half = max(2, self._users // PER_PAGE // 2)
        first = self._api.paths["first"]
        with self._client() as client:
            client.headers.update(self._callers[0])
            cursor = next_cursor(self._get(client, first))
            if not cursor:
                return path.format(page=half)
            for _ in range(half - 2):
                cursor = next_cursor(self._get(client, f"{first}&cursor={cursor}"))
        return f"{first}&cursor={cursor}"

    @staticmethod
    def _get(client: httpx.Client, path: str) -> dict[str, Any]:
        answer = client.get(path)
        if not answer.is_success:
            message = f"not there: {answer.status_code}"
            raise NotThere(message)
        body: dict[str, Any] = answer.json()
        return body

    # Sessions

    @cached_property
    def _sessions(self) -> list[dict[str, Any]]:
        """What so many users got when they logged in."""
        with self._client() as client:
            sessions = []
            for number in range(1, _CALLERS + 1):
                sessions.append(self._log_in(client, number))
                # Some refuse whoever has logged in already.
                client.cookies.clear()
            return sessions

    def _log_in(self, client: httpx.Client, number: int) -> dict[str, Any]:
        path, sent = self._api.paths["login"], self._credentials(number)
        if self._api.login_form:
            answer = client.post(path, data=sent)
        else:
            answer = client.post(path, json=sent)
        if not answer.is_success:
            message = f"log-in is answered {answer.status_code}: {answer.text[:200]}"
            raise NotThere(message)
        session: dict[str, Any] = answer.json()
        return session

    @property
    def _callers(self) -> list[dict[str, str]]:
        return [self._bearing(self._token(session)) for session in self._sessions]

    def _bearing(self, token: str) -> dict[str, str]:
        return {self._api.header: f"{self._api.scheme}{token}"}

    def _token(self, session: Mapping[str, Any]) -> str:
        found: Any = session
        for name in self._api.token:
            found = found[name]
        return str(found)

    def _credentials(self, number: int) -> dict[str, str]:
        name = "username" if self._api.login_form else "email"
        return {name: email_of(number), "password": PASSWORD}

    def _login(self) -> Load:
        path = self._api.paths["login"]
        numbers = [1 + self._random.randrange(self._users) for _ in range(_LOGGED_IN)]
        sent = [self._credentials(number) for number in numbers]
        if self._api.login_form:
            forms = [str(httpx.QueryParams(one)) for one in sent]
            return self._load(itertools.cycle([request("POST", path, form=it) for it in forms]))
        return self._load(itertools.cycle([request("POST", path, body=one) for one in sent]))

    def _refresh(self) -> Load:
        path = self._api.paths["refresh"]
        tokens = deque(str(session["refresh_token"]) for session in self._sessions)

        def requests() -> Iterator[bytes]:
            while tokens:
                # A body of none, said so.
                headers = self._bearing(tokens.popleft()) | {"Content-Length": "0"}
                yield request("POST", path, headers=headers)

        return self._load(requests(), lambda body: tokens.append(refresh_token(body)))

    # Writing

    def _register(self) -> Load:
        path, known = self._api.paths["register"], dict(self._api.new_user)
        new = ({**known, "email": f"{uuid.uuid4().hex}@example.com"} for _ in itertools.count())
        return self._load(request("POST", path, body={**one, "password": PASSWORD}) for one in new)

    def _patch(self) -> Load:
        path = self._api.paths["patch"]
        made = [
            request(
                "PATCH",
                path.format(own=number),
                body={"first_name": name},
                headers=headers,
            )
            for name in ("Grace", "Joan")
            for number, headers in enumerate(self._callers, start=1)
        ]
        return self._load(itertools.cycle(made))


def next_cursor(page: Mapping[str, Any]) -> str:
    """Return the cursor of the page that follows, fit for a query; empty where there is none."""
    return quote(str(page.get("next") or page.get("next_cursor") or ""))


def refresh_token(body: bytes) -> str:
    """Return the refresh token in an answer, without reading the rest of it."""
    _, _, rest = body.partition(b'"refresh_token"')
    return rest.split(b'"', 2)[1].decode()
