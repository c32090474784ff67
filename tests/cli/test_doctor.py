"""`userapi doctor`: what it prints, and how it ends."""

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from support.applications import application, settings_for_testing
from support.doctor import examined
from support.processes import PRODUCTION_SECRETS, clean_environment, run_python
from userapi.container import Feature
from userapi.kit.diagnoses import Diagnosis, failed
from userapi.outbox.errors import ClusterTablesMissing

NAMES = [
    "configuration",
    "database",
    "migrations",
    "clock",
    "proxies",
    "disk",
    "rate-limits",
    "keys",
    "jobs",
    "mail",
    "breaches",
]


def test_everything_is_looked_at(own_app: Flask) -> None:
    report = examined(own_app)

    assert [check["name"] for check in report.printed["checks"]] == NAMES
    failed_checks = {
        check["name"] for check in report.printed["checks"] if check["verdict"] == "failed"
    }
    assert failed_checks == {"mail"}  # nobody listens there
    assert (report.status, report.printed["verdict"]) == (1, "failed")


@pytest.mark.any_database
def test_each_finding_is_a_line_with_what_to_do_below_it(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["doctor", "--only", "migrations", "--only", "rate-limits"])

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "ok           migrations      at the newest: " + result.stdout.split()[5],
        "warning      rate-limits     nothing limits guessing passwords",
        "                             -> set RATELIMIT_ENABLED=true",
        "",
        "0 failed, 1 warning, 1 ok, 0 not checked",
    ]


@pytest.mark.any_database
def test_warnings_fail_where_that_is_asked_for(runner: FlaskCliRunner) -> None:
    only = ["doctor", "--only", "rate-limits"]

    assert runner.invoke(args=only).exit_code == 0
    assert runner.invoke(args=[*only, "--strict"]).exit_code == 1
    assert runner.invoke(args=["doctor", "--only", "migrations", "--strict"]).exit_code == 0


@pytest.mark.any_database
def test_a_check_that_is_not_there_is_a_mistake_of_the_call(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["doctor", "--only", "weather"])

    assert result.exit_code == 2
    assert "there is no check weather; there are configuration, database" in result.stderr


@pytest.mark.any_database
def test_what_is_no_url_is_a_mistake_of_the_call(runner: FlaskCliRunner) -> None:
    result = runner.invoke(args=["doctor", "--url", "api.example.com"])

    assert result.exit_code == 2
    assert "--url must be a URL such as https://api.example.com" in result.stderr


def test_a_database_out_of_reach_is_told_once(offline_runner: FlaskCliRunner) -> None:
    result = offline_runner.invoke(args=["doctor"])

    assert result.exit_code == 1
    assert result.stdout.count("Connection refused") == 2  # and the mail server
    assert "-> check host and port in DATABASE_URL, and that the server runs" in result.stdout
    assert "not checked  keys            the database cannot be asked" in result.stdout


def missing() -> None:
    raise ClusterTablesMissing


@pytest.mark.any_database
def test_features_of_ones_own_are_looked_at(database_url: str, tmp_path: Path) -> None:
    settings = settings_for_testing(database_url, tmp_path)
    look = Diagnosis(name="printer", look=lambda: [failed("no paper", "put some in")])
    ours = Feature(name="printing", diagnoses=(look,))
    other = Feature(name="plain", checks=(missing,))

    with application(settings, ours, other) as app:
        report = examined(app)

    assert report.lines("printer") == ["failed | no paper | put some in"]
    assert report.lines("features") == [
        "failed | the tables of procrastinate are missing | run: userapi jobs create-tables"
    ]


@pytest.mark.any_database
def test_a_check_that_holds_is_told(database_url: str, tmp_path: Path) -> None:
    settings = settings_for_testing(database_url, tmp_path)
    with application(settings, Feature(name="plain", checks=(lambda: None,))) as app:
        assert examined(app).lines("features") == ["ok | plain is ready to be served"]


# Settings that are not valid


def test_wrong_settings_are_told_and_the_rest_is_looked_at(tmp_path: Path) -> None:
    variables = clean_environment(
        FLASK_ENV="production",
        SECRET_KEY="hunter22",
        SECRETKEY="hunter22",
        JWT_SECRET_KEY=PRODUCTION_SECRETS["JWT_SECRET_KEY"],
        DATABASE_URL=f"sqlite:///{tmp_path}/none.sqlite3",
        SMTP_PORT="smtp",
    )

    ended = run_python("-m", "userapi", "doctor", "--json", folder=tmp_path, variables=variables)

    assert ended.returncode == 1
    assert "hunter22" not in ended.stdout + ended.stderr
    checks = {check["name"]: check["findings"] for check in json.loads(ended.stdout)["checks"]}
    told = {finding["told"] for finding in checks["configuration"]}
    assert {"SECRET_KEY", "SMTP_PORT", "the variable SECRETKEY is not read"} <= told
    assert checks["mail"][0]["told"] == "not to be told while SMTP_PORT is not valid"
    assert checks["database"][0]["told"].startswith("the database: there is no file")
    assert checks["rate-limits"][0]["told"] == "counted in the database"
    assert list(tmp_path.iterdir()) == []


def test_an_application_that_cannot_be_built_is_told(tmp_path: Path) -> None:
    variables = clean_environment(FLASK_ENV="testing", ROOT_PATH="/api")

    ended = run_python("-m", "userapi", "doctor", folder=tmp_path, variables=variables)

    assert ended.returncode == 1
    first, mend, *_ = ended.stdout.splitlines()
    assert first.startswith("failed       configuration   The settings are not valid: ROOT_PATH:")
    assert mend.strip().startswith("-> choose another")
