"""Which files of the project a request enters."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from flask.testing import FlaskClient

import userapi
from userapi.app import build_app
from userapi.db.migrations import Migrations
from userapi.features import load_settings
from userapi.web.services import provided

SOURCE = Path(str(userapi.__file__)).parent
MAX_FILES = {"PATCH /users/{id}": 26, "POST /auth/login": 30}
"""How many files each request may enter, rate limits aside."""

_PERSON = {"email": "ada@example.com", "password": "correct horse", "first_name": "Ada"}


def files_entered(call: Callable[[], object]) -> list[str]:
    """Return the files of the project whose functions are entered while `call` runs."""
    entered: set[str] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            entered.add(frame.f_code.co_filename)

    sys.setprofile(note)
    try:
        call()
    finally:
        sys.setprofile(None)
    root = f"{SOURCE}{os.sep}"
    return sorted(name.removeprefix(root) for name in entered if name.startswith(root))


def walks() -> dict[str, list[str]]:
    """Return the files that each measured request enters, after one like it to warm up."""
    with _client() as client:
        client.post("/api/v1/users", json={**_PERSON, "last_name": "Lovelace"})
        login = {name: _PERSON[name] for name in ("email", "password")}

        def log_in() -> Any:
            return client.post("/api/v1/auth/login", json=login)

        first = log_in().get_json()
        # As a client does from then on: of a log-in without it the owner is told by mail.
        login["device_token"] = first["device_token"]
        headers = {"Authorization": f"Bearer {first['access_token']}"}
        path = f"/api/v1/users/{client.get('/api/v1/users/me', headers=headers).get_json()['id']}"

        def rename(name: str) -> Callable[[], object]:
            return lambda: client.patch(path, json={"first_name": name}, headers=headers)

        rename("Augusta")()
        return {
            "PATCH /users/{id}": files_entered(rename("Ada")),
            "POST /auth/login": files_entered(log_in),
        }


@contextmanager
def _client() -> Iterator[FlaskClient]:
    """Yield a client of an application on a migrated SQLite file of its own, without limits."""
    with tempfile.TemporaryDirectory() as folder:
        variables = {
            "TEST_DATABASE_URL": f"sqlite:///{folder}/measured.sqlite3",
            "INSTANCE_PATH": folder,
        }
        app = build_app(load_settings("testing", variables))
        with app.app_context():
            provided(Migrations).upgrade()
        yield app.test_client()
