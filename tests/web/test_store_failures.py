"""Failures of the database, its driver and its pool."""

import logging
from pathlib import Path

import pytest
from sqlalchemy.exc import IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from support.accounts import try_login
from support.answers import assert_problem
from support.applications import application, settings_for_testing
from support.processes import free_port
from web.callers import cases
from web.failing import SECRET, Failing


@cases(
    {
        "failed": OperationalError(SECRET, {"password": SECRET}, Exception(SECRET)),
        "lost": InterfaceError(SECRET, None, Exception(SECRET)),
        "busy": PoolTimeoutError(SECRET),
    }
)
class TestStoreFailure:
    """What the database's driver and the pool raise."""

    def test_is_a_problem(self, failing: Failing, case: Exception) -> None:
        answer = failing.client.get(failing.route(case))

        assert_problem(answer, 503, "store-unavailable")
        assert answer.headers["Retry-After"] == "5"

    def test_is_not_explained(self, failing: Failing, case: Exception) -> None:
        answer = failing.client.get(failing.route(case))

        assert SECRET not in answer.get_data(as_text=True)

    def test_is_logged(
        self, failing: Failing, case: Exception, caplog: pytest.LogCaptureFixture
    ) -> None:
        failing.client.get(failing.route(case))

        (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert "the data store failed" in record.getMessage()
        assert "\n" not in record.getMessage()


def test_other_database_error_is_ours(failing: Failing) -> None:
    error = IntegrityError(SECRET, None, Exception(SECRET))

    assert_problem(failing.client.get(failing.route(error)), 500, "internal-error")


@cases(
    {
        "sqlite": "sqlite:///{folder}/none/app.sqlite3",
        "postgresql": "postgresql://nobody@127.0.0.1:{port}/none",
    }
)
def test_absent_store_is_a_problem(tmp_path: Path, case: str) -> None:
    url = case.format(folder=tmp_path, port=free_port())
    with application(settings_for_testing(url, tmp_path)) as app:
        answer = try_login(app.test_client(), "ada@example.com")

    assert_problem(answer, 503, "store-unavailable")
    assert answer.headers["Retry-After"] == "5"
