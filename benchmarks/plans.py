"""Look whether every list finds its rows by an index, however many users there are.

    make bench-plans                                        # or ARGS="--users 100000"

A PostgreSQL of its own gets so many users, posts and sessions, twice as many events, and a tenth as
many invitations. An admin asks the application for each list: its first page, a page half way by a
cursor, the one before it, and where pages have numbers the last that has one. Every statement that
is sent for that is run once more, with its plan. Ends with a status that is not zero where one of
them reads a table from end to end, sorts it, or reads more of an index than pages skip.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import contextlib
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine, event

from benchmarks.plan_reading import Found, Statement, explained
from benchmarks.plan_rows import ADMIN, BUSY, many_rows
from benchmarks.services import NO_LIMIT
from benchmarks.speed.database import made_at
from benchmarks.speed.works import COMMON, RARE, email_of
from support.accounts import Account, Headers
from support.applications import application, engine_of, settings_for_testing
from support.paths import ME
from support.signing_in import sign_in
from userapi.config.settings import Settings
from userapi.kit.cursor import Cursor, SortValue
from userapi.kit.pagination import MAX_PER_PAGE, SKIPPED_ROWS

_BY_NUMBER = "by number"
Place = Callable[[int], tuple[SortValue, ...]]


def _by_number(users: int) -> tuple[SortValue, ...]:
    return made_at(users // 2), users // 2


def _among_others(users: int) -> tuple[SortValue, ...]:
    return 0, *_by_number(users)


def _by_uuid(users: int) -> tuple[SortValue, ...]:
    return made_at(users // 2), uuid.UUID(int=users // 2)


def _by_name(users: int) -> tuple[SortValue, ...]:
    return "Knuth", "Ada", users // 2


def _by_address(users: int) -> tuple[SortValue, ...]:
    return email_of(users // 2), users // 2


def _on_first_day(_users: int) -> tuple[SortValue, ...]:
    return made_at(5_000), 5_000


@dataclass(frozen=True)
class Case:
    """A list: where it is, the place that is half way in its order, and whether pages have numbers.

    `size` is the parameter that tells how many entries are wanted. What a search finds is in no
    index in the order of the list, so pages far away are not asked for by their numbers there.
    """

    title: str
    path: str
    half_way: Place = _by_number
    size: str = "per_page"

    def requests(self, users: int) -> Iterator[tuple[str, str]]:
        """Yield what is asked for, and where."""
        begin = f"{self.path}{'&' if '?' in self.path else '?'}{self.size}={MAX_PER_PAGE}"
        place = self.half_way(users)
        yield "first page", begin
        yield "half way", f"{begin}&cursor={Cursor(place)}"
        yield "backwards", f"{begin}&cursor={Cursor(place, is_backward=True)}"
        if self.size == "per_page" and "q=" not in self.path:
            skipped = min(SKIPPED_ROWS, users // 2)
            yield _BY_NUMBER, f"{begin}&page={skipped // MAX_PER_PAGE + 1}"


_API = "/api/v1"
PART = "0@example.com"
"""What looks like an address that nobody has, and is a part of those of a tenth of all users."""

_EVENTS = f"{_API}/audit-events"
CASES = (
    Case("users", f"{_API}/users?active_only=false"),
    Case("active users", f"{_API}/users"),
    *(
        Case(f"users by {sort}", f"{_API}/users?sort={sort}", half_way)
        for sort, half_way in (("name", _by_name), ("-name", _by_name), ("email", _by_address))
    ),
    *(
        Case(f"users with {criterion}", f"{_API}/users?{criterion}")
        for criterion in (
            "role=moderator",
            "is_active=false",
            "email_verified=true",
            "email_verified=false",
            "deleted=true",
            f"q={RARE}",
            f"q={COMMON}",
            f"q={RARE}&role=user&sort=created_at",
        )
    ),
    Case("users by a part of addresses", f"{_API}/users?q={PART}", _among_others),
    Case("posts", f"{_API}/posts"),
    Case("a user's posts", f"{_API}/users/{BUSY}/posts"),
    Case("own sessions", f"{_API}/auth/sessions", _by_uuid),
    Case("a user's sessions", f"{_API}/users/{BUSY}/sessions", _by_uuid),
    Case("events", _EVENTS, size="limit"),
    Case("events of a kind", f"{_EVENTS}?event=user:updated", size="limit"),
    Case("events about a user", f"{_EVENTS}?subject_id={BUSY}", size="limit"),
    Case("events by a user", f"{_EVENTS}?actor_id={BUSY}", size="limit"),
    Case("events of a time", f"{_EVENTS}?until=2020-01-02T00:00:00Z", _on_first_day, size="limit"),
    Case("own events", f"{_API}/users/me/events", size="limit"),
    Case("invitations", f"{_API}/admin/invitations", _by_uuid, size="limit"),
)
"""Every list that grows. One more is one line."""


@contextlib.contextmanager
def sent_statements() -> Iterator[list[Statement]]:
    """Yield the list of what is read from the database from now until the block ends."""
    sent: list[Statement] = []

    def remember(*execution: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = execution
        if statement.startswith("SELECT"):
            sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        yield sent
    finally:
        event.remove(Engine, "before_cursor_execute", remember)


def statements_for(client: FlaskClient, path: str, headers: Headers) -> Sequence[Statement]:
    """Return what the application reads to answer; raise `RuntimeError` where it refuses."""
    with sent_statements() as sent:
        answer = client.get(path, headers=headers)
    if answer.status_code != 200:  # noqa: PLR2004 - HTTP's OK
        message = f"{path}: {answer.status_code} {answer.text[:200]}"
        raise RuntimeError(message)
    return sent


def main() -> int:
    """Look at all lists; return 0 when each finds its rows by an index."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--users", type=int, default=1_000_000, help="how many there are")
    users = parser.parse_args().users
    faults = 0
    with (
        tempfile.TemporaryDirectory(prefix="userapi-plans-") as folder,
        many_rows(users) as database_url,
        application(_settings(database_url, Path(folder))) as app,
    ):
        print("| list | asked for | ms | most rows read | blocks | by |\n|---|---|---|---|---|---|")
        for title, asked, found in look(app, users):
            print(_line(title, asked, found), flush=True)
            faults += len(found.faults)
    print(f"{faults} faults")
    return 1 if faults else 0


def look(app: Flask, users: int) -> Iterator[tuple[str, str, Found]]:
    """Yield what each statement does: of which list it is, and what was asked for."""
    client = app.test_client()
    headers = sign_in(client, Account(id=ADMIN, email="admin@example.com"))
    # Who asks is found alike for each list.
    finding_caller = {sql for sql, _ in statements_for(client, ME, headers)}
    for case in CASES:
        for asked, path in case.requests(users):
            for statement in statements_for(client, path, headers):
                if statement[0] not in finding_caller:
                    with engine_of(app).connect() as connection:
                        is_far = asked == _BY_NUMBER and "OFFSET" in statement[0]
                        yield case.title, asked, explained(connection, statement, is_far=is_far)


def _settings(database_url: str, folder: Path) -> Settings:
    return settings_for_testing(
        database_url,
        folder,
        JWT_ACCESS_TOKEN_EXPIRES="3600",  # noqa: S106 - the seconds of a long look
        LOG_LEVEL="ERROR",
        RATELIMIT_CLIENT=NO_LIMIT,
    )


def _line(title: str, asked: str, found: Found) -> str:
    by = ", ".join((*found.indexes, *(f"**{fault}**" for fault in found.faults))) or "nothing"
    cost = f"{found.milliseconds:.2f} | {found.rows:,} | {found.blocks:,}"
    return f"| {title} | {asked} | {cost} | {by} |"


if __name__ == "__main__":
    sys.exit(main())
