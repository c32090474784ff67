"""Whether breached passwords are looked up, as `userapi doctor` finds it."""

from pathlib import Path

import pytest

from passwords.breach_server import breach_server
from support.applications import application, settings_for_testing
from support.doctor import found

pytestmark = pytest.mark.any_database


def lines(folder: Path, **variables: str) -> list[str]:
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        return found(app, "breaches")


def test_nobody_is_asked_where_nobody_is_named(tmp_path: Path) -> None:
    assert lines(tmp_path) == ["not checked | PASSWORD_BREACH_CHECK_URL names nobody to ask"]


def test_a_service_that_answers_is_told(tmp_path: Path) -> None:
    with breach_server() as server:
        assert lines(tmp_path, PASSWORD_BREACH_CHECK_URL=server.url) == [
            f"ok | {server.url} is asked"
        ]
        assert server.paths == ["/range/00000"]


def test_a_service_that_does_not_is_warned_of(tmp_path: Path) -> None:
    with breach_server() as server:
        server.status = 500
        (line,) = lines(tmp_path, PASSWORD_BREACH_CHECK_URL=server.url)

    assert line == (
        f"warning | {server.url} does not answer as it should (HTTPException) | check "
        "PASSWORD_BREACH_CHECK_URL; until then passwords are taken unchecked"
    )
