"""Measure the heaviest answer that a single request without a body can cause.

    PYTHONPATH=tests python -m benchmarks.heaviest_answer [--only sqlite]

Every row has as much as its columns and the rules of input let in, in the characters that take the
most bytes in JSON. Then every safe operation of the document, every page of the documentation and
some refusals of long requests are asked for, as much at a time as is allowed, by an admin. Times
are the processor's, of this process: on SQLite the database's are among them.
"""

# ruff: noqa: T201 - it speaks to people

import argparse
import contextlib
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from benchmarks.services import DATABASES, NO_LIMIT, new_database
from support.accounts import Account, Headers
from support.applications import application, engine_of, settings_for_testing
from support.signing_in import sign_in
from userapi.audit.models import AuditClientInfo, AuditEvent
from userapi.kit.clock import utc_now
from userapi.kit.pagination import MAX_PER_PAGE
from userapi.kit.principal import Role
from userapi.kit.text import printable
from userapi.posts.models import CONTENT_LENGTH, TITLE_LENGTH, Post
from userapi.sessions.models import UserSession
from userapi.users.models import EMAIL_LENGTH, NAME_LENGTH, User
from userapi.web.edge import USER_AGENT_LENGTH

_ROWS = MAX_PER_PAGE + 1
_REPEATS = 5
_WIDE = "\N{GRINNING FACE}"  # four bytes, the most that a character takes unless it is escaped
_ESCAPED = "\x01"  # six bytes in JSON; texts of several lines may have it
_REQUEST_BYTES = 8000
_SHOWN = 60
_PAGES = (
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/errors",
    "/docs/assets/swagger-ui.css",
    "/docs/assets/swagger-ui-bundle.js",
    "/docs/assets/docs.css",
    "/docs/assets/docs.js",
)


@dataclass(frozen=True, order=True)
class Weight:
    """What a request cost: the bytes of its answer, and the processor's milliseconds."""

    size: int
    milliseconds: float
    status: int
    path: str

    def __str__(self) -> str:
        shown = printable(self.path, _SHOWN)
        return f"{self.size:>10,} bytes {self.milliseconds:>8.1f} ms  {self.status} {shown}"


def main() -> int:
    """Measure on each database, and print all answers, the heaviest first."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=DATABASES, help="one database")
    wanted = parser.parse_args()
    for name in DATABASES if wanted.only is None else (wanted.only,):
        with _service(name) as app:
            admin = _fill(app)
            client = app.test_client()
            headers = sign_in(client, admin)
            weights = [_weigh(client, path, headers) for path in _paths(client, admin.id)]
        print(f"{name}:")
        for weight in sorted(weights, reverse=True):
            print(f"  {weight}")
    return 0


@contextlib.contextmanager
def _service(database: str) -> Iterator[Flask]:
    """Yield an application on a database of its own. All of it is gone afterwards."""
    with new_database(database) as (database_url, folder):
        settings = settings_for_testing(
            database_url,
            folder,
            JWT_ACCESS_TOKEN_EXPIRES="3600",  # noqa: S106 - the seconds of a long measurement
            LOG_LEVEL="ERROR",
            RATELIMIT_ENABLED="true",
            RATELIMIT_CLIENT=NO_LIMIT,
        )
        with application(settings) as app:
            yield app


def _fill(app: Flask) -> Account:
    """Commit more rows than a page has, each as heavy as can be; return the admin they concern."""
    with Session(engine_of(app)) as session:
        users = [_user(number) for number in range(_ROWS)]
        session.add_all(users)
        session.flush()
        admin = users[0]
        session.add(_post(admin.id, _ESCAPED * CONTENT_LENGTH))
        # The beginnings make the answer long, the rest makes the rows long.
        session.add_all(_post(admin.id, _ESCAPED * 300 + _WIDE * CONTENT_LENGTH) for _ in users)
        session.add_all(_user_session(admin.id) for _ in range(_ROWS))
        events = [_event(admin.id) for _ in range(_ROWS)]
        session.add_all(events)
        session.flush()
        session.add_all(AuditClientInfo(event_id=event.id, **_client()) for event in events)
        account = Account(id=admin.id, email=admin.email)
        session.commit()
    return account


def _user(number: int) -> User:
    name = _WIDE * NAME_LENGTH
    email = f"{number:04}@{'a' * 60}.{'b' * 60}.{'c' * 60}.".ljust(EMAIL_LENGTH, "d")
    columns = {"email": email, "first_name": name, "last_name": name, "role": Role.ADMIN}
    return User(**columns, password_hash="none")  # noqa: S106 - nobody logs in with it


def _post(author_id: int, content: str) -> Post:
    return Post(
        title=_WIDE * TITLE_LENGTH,
        content=f"a{content}"[:CONTENT_LENGTH],
        author_id=author_id,
        edited_by=author_id,
    )


def _user_session(user_id: int) -> UserSession:
    now = utc_now()
    end = now + timedelta(days=1)
    return UserSession(
        user_id=user_id,
        created_at=now,
        rotated_at=now,
        last_used_at=now,
        expires_at=end,
        absolute_expires_at=end,
        current_hash="none",
        **_client(),
    )


def _event(user_id: int) -> AuditEvent:
    return AuditEvent(
        occurred_at=utc_now(),
        event="sessions:revoked",
        actor_id=user_id,
        subject_id=user_id,
        object_id="o" * 64,
        request_id="r" * 64,
        details={"changed": ["first_name", "last_name", "is_active", "role", "title", "content"]},
    )


def _client() -> dict[str, Any]:
    """Return the longest origin; headers are bytes, so no character of theirs is wider than two."""
    return {"address": "f" * 39, "user_agent": "é" * USER_AGENT_LENGTH}


def _paths(client: FlaskClient, user_id: int) -> Iterator[str]:
    """Yield what is asked for."""
    ids = {"user_id": user_id, "post_id": 1}
    document = client.get("/openapi.json").get_json()
    for path, item in document["paths"].items():
        for method in item.keys() & {"get"}:
            names = {it.get("name") for it in item[method].get("parameters", [])}
            most = next(
                (f"?{name}={MAX_PER_PAGE}" for name in ("per_page", "limit") if name in names), ""
            )
            yield path.format(**ids) + most
    yield from _PAGES
    yield "/" + "%F0%9F%98%80" * (_REQUEST_BYTES // 12)
    yield "/api/v1/posts?" + "&".join(f"{number:03}" for number in range(_REQUEST_BYTES // 4))


def _weigh(client: FlaskClient, path: str, headers: Headers) -> Weight:
    """Return what an answer costs; the first one is not counted, which fills caches."""
    answer = client.get(path, headers=headers)
    size = len(answer.data)
    began = time.process_time()
    for _ in range(_REPEATS):
        answer = client.get(path, headers=headers)
        answer.close()
    milliseconds = (time.process_time() - began) / _REPEATS * 1000
    return Weight(size, milliseconds, answer.status_code, path)


if __name__ == "__main__":
    sys.exit(main())
