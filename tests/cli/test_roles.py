"""`userapi db roles`: what is printed, and what is run."""

import pytest
from click.testing import Result
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import text

from support.applications import engine_of
from support.databases import on_postgresql, on_sqlite


def roles(runner: FlaskCliRunner, *arguments: str, typed: str = "") -> Result:
    return runner.invoke(args=["db", "roles", *arguments], input=typed)


@pytest.mark.any_database
def test_the_sql_is_printed_and_nothing_is_changed(runner: FlaskCliRunner) -> None:
    result = roles(runner, "--owner", "keeper", "--service", "worker")

    assert result.exit_code == 0
    assert "CREATE ROLE keeper LOGIN" in result.output
    assert "GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO worker" in result.output
    assert "PASSWORD" not in result.output


@on_postgresql
def test_what_is_printed_can_be_run(own_app: Flask, runner: FlaskCliRunner) -> None:
    script = roles(runner, "--owner", "keeper", "--service", "worker").output

    with engine_of(own_app).connect() as connection:
        connection.exec_driver_sql(script)
        found = connection.execute(text("SELECT count(*) FROM pg_roles WHERE rolname = 'worker'"))
        assert found.scalar_one() == 1
        connection.rollback()


@pytest.mark.any_database
def test_a_bad_name_is_refused(runner: FlaskCliRunner) -> None:
    result = roles(runner, "--owner", "keeper; --")

    assert (result.exit_code, result.output) == (
        1,
        "Error: a role's name has lower-case letters, digits and underscores, and the two differ\n",
    )


@on_sqlite
def test_sqlite_has_no_roles(runner: FlaskCliRunner) -> None:
    result = roles(runner, "--apply", typed="one\ntwo\n")

    assert result.exit_code == 1
    assert result.output.startswith("Error: SQLite has no roles")


@pytest.mark.any_database
@pytest.mark.parametrize("typed", ["", "one\n"])
def test_both_passwords_are_needed(runner: FlaskCliRunner, typed: str) -> None:
    result = roles(runner, "--apply", typed=typed)

    assert (result.exit_code, result.output) == (
        1,
        "Error: no password: standard input has no line for it\n",
    )
