"""What is asked of every contender that can do it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

PASSWORD = "correct horse battery"  # noqa: S105 - that of every user here
COMMON = "lovelace"
"""Part of the name of every tenth user."""
RARE = "zuse"
"""Part of the name of five users, however many there are."""
PER_PAGE = 100


@dataclass(frozen=True)
class Work:
    """A kind of request, and how many connections ask for it at a time."""

    name: str
    title: str
    connections: int


WORKS = (
    Work("me", "`GET /users/me`", 16),
    Work("user", "`GET /users/{id}`", 16),
    Work("first", "list of 100, first page", 1),
    Work("deep", "list of 100, half way", 1),
    Work("rare", "search, a rare word", 1),
    Work("common", "search, a common word", 1),
    Work("login", "log-in", 4),
    Work("refresh", "refresh", 8),
    Work("register", "registration", 4),
    Work("patch", "`PATCH` of a name", 4),
)
"""Lists and searches are asked one at a time: their time is that of one who waits for them."""


LISTS = frozenset({"first", "deep"})
"""Which of them are lists, that are to take as long however many users there are."""


def work_named(name: str) -> Work:
    """Return the work of that name."""
    return next(work for work in WORKS if work.name == name)


def request(
    method: str,
    path: str,
    *,
    body: Any = None,
    form: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> bytes:
    """Return the bytes of a request; its body is JSON or a form."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept: application/json"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    content = b""
    if body is not None or form is not None:
        kind = "application/json" if form is None else "application/x-www-form-urlencoded"
        content = (json.dumps(body) if form is None else form).encode()
        lines += [f"Content-Type: {kind}", f"Content-Length: {len(content)}"]
    return "\r\n".join([*lines, "", ""]).encode() + content


def email_of(number: int) -> str:
    """Return the address of the user of that number, which counts from 1."""
    return f"user{number:07}@example.com"


def names_of(number: int, users: int) -> tuple[str, str]:
    """Return the first and last name of a user."""
    first = _FIRST[number % len(_FIRST)]
    if number % max(1, users // 5) == 1:
        return first, RARE.capitalize()
    if number % 10 == 0:
        return first, COMMON.capitalize()
    return first, _LAST[number // 7 % len(_LAST)]


_FIRST = (
    "Ada",
    "Alan",
    "Barbara",
    "Claude",
    "Donald",
    "Edsger",
    "Frances",
    "Grace",
    "Joan",
    "Kurt",
)
_LAST = (
    "Turing",
    "Hopper",
    "Shannon",
    "Knuth",
    "Dijkstra",
    "Allen",
    "Hamilton",
    "Liskov",
    "Clarke",
    "Perlman",
    "Backus",
    "Naur",
    "Wirth",
)
