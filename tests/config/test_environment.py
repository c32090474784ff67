"""Where the variables come from, and which database they mean."""

from pathlib import Path

import pytest

from config.loading import for_development, for_production, for_testing, problems_of
from userapi.config.database import DatabaseSettings
from userapi.config.environments import Environment
from userapi.config.groups import ServerSettings
from userapi.config.settings import SettingsError
from userapi.features import load_settings
from userapi.rate_limits.settings import RateLimitSettings


def test_the_argument_wins_over_the_variable(instance: Path) -> None:
    variables = {"FLASK_ENV": "production", "INSTANCE_PATH": str(instance)}

    assert load_settings("testing", variables).environment is Environment.TESTING


def test_an_unknown_name_is_refused() -> None:
    assert problems_of("staging", {}) == (
        "FLASK_ENV: must be one of development, testing, production",
    )


def test_variables_are_read_from_a_file(elsewhere: Path) -> None:
    (elsewhere / ".env").write_text("FLASK_ENV=testing\nPORT=7001\nHOST\n", encoding="utf-8")

    settings = load_settings()

    assert (
        settings.environment,
        settings.of(ServerSettings).port,
        settings.of(ServerSettings).host,
    ) == ("testing", 7001, "127.0.0.1")


def test_the_environment_wins_over_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("PORT=7001\nWEB_THREADS=3\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "7002")

    settings = load_settings("testing")

    assert (settings.of(ServerSettings).port, settings.of(ServerSettings).threads) == (7002, 3)


def test_the_file_of_a_folder_above_is_not_read(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("PORT=7001\n", encoding="utf-8")
    (elsewhere / "below").mkdir()
    monkeypatch.chdir(elsewhere / "below")

    assert load_settings("testing").of(ServerSettings).port == 5000


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_scheme_means_psycopg(scheme: str) -> None:
    settings = for_production(
        DATABASE_URL=f"{scheme}://app:p%40ss@db.example:5433/app?sslmode=require"
    )

    assert settings.of(DatabaseSettings).url == (
        "postgresql+psycopg://app:p%40ss@db.example:5433/app?sslmode=require"
    )


def test_a_relative_sqlite_path_is_taken_from_the_working_folder(elsewhere: Path) -> None:
    settings = for_development(elsewhere, DATABASE_URL="sqlite:///data/app.db")

    assert settings.of(DatabaseSettings).url == f"sqlite:///{elsewhere}/data/app.db"


def test_development_has_a_file_in_the_instance_folder(instance: Path) -> None:
    assert (
        for_development(instance).of(DatabaseSettings).url
        == f"sqlite:///{instance}/development.sqlite3"
    )


def test_testing_has_a_file_of_its_own(instance: Path) -> None:
    settings = for_testing(instance, DATABASE_URL="postgresql://db.example/precious")

    assert settings.of(DatabaseSettings).url == f"sqlite:///{instance}/testing.sqlite3"


def test_testing_limits_no_logins_unless_it_is_told_to(instance: Path) -> None:
    assert not for_testing(instance).of(RateLimitSettings).enabled
    assert for_testing(instance, RATELIMIT_ENABLED="true").of(RateLimitSettings).enabled


def test_testing_takes_its_own_variable(instance: Path) -> None:
    settings = for_testing(instance, TEST_DATABASE_URL="postgres://db.example/scratch")

    assert settings.of(DatabaseSettings).url == "postgresql+psycopg://db.example/scratch"


def test_a_file_that_is_no_text_is_one_problem(elsewhere: Path) -> None:
    (elsewhere / ".env").write_bytes(b"PORT=7001\n\xff")

    with pytest.raises(SettingsError) as caught:
        load_settings("testing")

    assert caught.value.problems == (".env, line 2: must be text in UTF-8",)


def test_lines_that_cannot_be_read_are_told_with_their_variable(elsewhere: Path) -> None:
    text = '# ours\nPORT=7001\n\nSECRET_KEY="hunter22\nLOG LEVEL=INFO\n= 7\nHOST=::1\n'
    (elsewhere / ".env").write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError) as caught:
        load_settings("testing")

    lines = [
        problem.partition(" must be given as NAME=value")[0] for problem in caught.value.problems
    ]
    assert lines == [".env, line 4: SECRET_KEY", ".env, line 5: LOG", ".env, line 6: it"]
    assert "hunter22" not in str(caught.value.problems)


def test_a_folder_in_the_place_of_the_file_is_one_problem(elsewhere: Path) -> None:
    (elsewhere / ".env").mkdir()

    with pytest.raises(SettingsError) as caught:
        load_settings("testing")

    assert caught.value.problems == (".env: cannot be read: Is a directory",)


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASE_URI", "DATABASE_URL"),
        ("JWT_SECRET", "JWT_SECRET_KEY"),
        ("log_level", "LOG_LEVEL"),
        ("TRUSTED_PROXY", "TRUSTED_PROXIES"),
    ],
)
def test_a_misspelt_variable_is_a_warning_with_the_right_name(
    instance: Path, misspelt: str, meant: str
) -> None:
    settings = for_testing(instance, **{misspelt: "hunter22"})

    assert settings.warnings == (f"the variable {misspelt} is not read; did you mean {meant}?",)


def test_what_others_use_is_no_misspelling(instance: Path) -> None:
    others = (
        "HOSTNAME",
        "PATH",
        "POSTGRES_PASSWORD",
        "FLASK_APP",
        "PYTHONPATH",
        "GUNICORN_CMD_ARGS",
    )

    assert for_testing(instance, **dict.fromkeys(others, "x")).warnings == ()
