import json
import re
import stat
from datetime import timedelta
from pathlib import Path

import pytest

from support.processes import PRODUCTION_SECRETS
from userapi.kit.passwords import PasswordHasher
from userapi.settings import Environment, Settings, SettingsError, load_settings

PRODUCTION = {**PRODUCTION_SECRETS, "DATABASE_URL": "postgresql://app:hunter22@db.example/app"}
STRONG = PRODUCTION_SECRETS["SECRET_KEY"]
MAKE_ONE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
TRUE_OR_FALSE = "must be true or false"
ORIGINS = "must be * or origins such as https://app.example.com, with commas"
DATABASE = "must be postgresql://user:password@host/database or sqlite:////path/to/file"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A folder for what the settings make."""
    return tmp_path / "instance"


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, in an environment that configures nothing."""
    for name in variables_read():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


class Recorder(dict[str, str]):
    """Variables that remember which of them were asked for."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override]
        self.asked.add(name)
        return super().get(name, default)


def variables_read() -> set[str]:
    in_production = Recorder({**PRODUCTION, "FLASK_ENV": "production"})
    in_testing = Recorder({"FLASK_ENV": "testing", "TEST_DATABASE_URL": "postgres://db.example/t"})
    load_settings(variables=in_production)
    load_settings(variables=in_testing)
    return in_production.asked | in_testing.asked


def for_development(instance: Path, **variables: str) -> Settings:
    return load_settings("development", {"INSTANCE_PATH": str(instance), **variables})


def for_testing(instance: Path, **variables: str) -> Settings:
    return load_settings("testing", {"INSTANCE_PATH": str(instance), **variables})


def for_production(**variables: str) -> Settings:
    return load_settings("production", {**PRODUCTION, **variables})


def problems_of(name: str | None, variables: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(name, variables)
    return caught.value.problems


# Each variable: its default, valid values, invalid values.


@pytest.mark.parametrize(
    ("attribute", "expected"),
    [
        ("environment", Environment.DEVELOPMENT),
        ("database_pool_size", 5),
        ("cors_origins", ("*",)),
        ("host", "127.0.0.1"),
        ("port", 5000),
        ("web_concurrency", 2),
        ("web_threads", 4),
        ("log_level", "INFO"),
        ("sql_echo", False),
        ("debug", False),
        ("max_content_length", 1_048_576),
        ("jwt_issuer", "userapi"),
        ("jwt_audience", "userapi"),
        ("access_token_lifetime", timedelta(hours=1)),
        ("refresh_token_lifetime", timedelta(days=30)),
    ],
)
def test_a_variable_that_is_not_set_has_a_default(
    instance: Path, attribute: str, expected: object
) -> None:
    settings = load_settings(variables={"INSTANCE_PATH": str(instance)})

    assert getattr(settings, attribute) == expected


@pytest.mark.parametrize(
    ("name", "value", "attribute", "expected"),
    [
        ("DATABASE_POOL_SIZE", "1", "database_pool_size", 1),
        ("DATABASE_POOL_SIZE", "100", "database_pool_size", 100),
        ("CORS_ORIGINS", "*", "cors_origins", ("*",)),
        ("CORS_ORIGINS", "https://a.example", "cors_origins", ("https://a.example",)),
        (
            "CORS_ORIGINS",
            " https://a.example , http://localhost:3000 ",
            "cors_origins",
            ("https://a.example", "http://localhost:3000"),
        ),
        ("HOST", "0.0.0.0", "host", "0.0.0.0"),
        ("HOST", " ::1 ", "host", "::1"),
        ("HOST", "", "host", "127.0.0.1"),
        ("PORT", "1", "port", 1),
        ("PORT", " 65535 ", "port", 65_535),
        ("WEB_CONCURRENCY", "64", "web_concurrency", 64),
        ("WEB_THREADS", "1", "web_threads", 1),
        ("LOG_LEVEL", "debug", "log_level", "DEBUG"),
        ("LOG_LEVEL", "CRITICAL", "log_level", "CRITICAL"),
        ("SQL_ECHO", "true", "sql_echo", True),
        ("SQL_ECHO", "0", "sql_echo", False),
        ("FLASK_DEBUG", "1", "debug", True),
        ("FLASK_DEBUG", "off", "debug", False),
        ("MAX_CONTENT_LENGTH", "1024", "max_content_length", 1024),
        ("JWT_ISSUER", "https://id.example", "jwt_issuer", "https://id.example"),
        ("JWT_AUDIENCE", "shop", "jwt_audience", "shop"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "60", "access_token_lifetime", timedelta(minutes=1)),
        ("JWT_REFRESH_TOKEN_EXPIRES", "31536000", "refresh_token_lifetime", timedelta(days=365)),
        ("SECRET_KEY", STRONG, "secret_key", STRONG),
        ("JWT_SECRET_KEY", STRONG, "jwt_secret_key", STRONG),
        ("DATABASE_URL", "sqlite:////srv/a.db", "database_url", "sqlite:////srv/a.db"),
    ],
)
def test_a_valid_value_is_taken(
    instance: Path, name: str, value: str, attribute: str, expected: object
) -> None:
    settings = for_development(instance, **{name: value})

    assert getattr(settings, attribute) == expected


@pytest.mark.parametrize(
    ("name", "value", "mend"),
    [
        ("FLASK_ENV", "staging", "must be one of development, testing, production"),
        ("FLASK_DEBUG", "maybe", TRUE_OR_FALSE),
        ("SQL_ECHO", "2", TRUE_OR_FALSE),
        ("LOG_LEVEL", "loud", "must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL"),
        ("PORT", "0", "must be a whole number from 1 to 65535"),
        ("PORT", "65536", "must be a whole number from 1 to 65535"),
        ("WEB_CONCURRENCY", "65", "must be a whole number from 1 to 64"),
        ("WEB_THREADS", "four", "must be a whole number from 1 to 64"),
        ("DATABASE_POOL_SIZE", "-1", "must be a whole number from 1 to 100"),
        ("MAX_CONTENT_LENGTH", "1e6", "must be a whole number from 1024 to 1073741824"),
        ("JWT_ACCESS_TOKEN_EXPIRES", "1h", "must be a whole number from 1 to 31536000"),
        ("JWT_REFRESH_TOKEN_EXPIRES", "31536001", "must be a whole number from 1 to 31536000"),
        ("CORS_ORIGINS", "app.example.com", ORIGINS),
        ("CORS_ORIGINS", "https://a.example/path", ORIGINS),
        ("CORS_ORIGINS", "https://a.example,ftp://b.example", ORIGINS),
        ("CORS_ORIGINS", "https://", ORIGINS),
        ("CORS_ORIGINS", "https://*.example.com", ORIGINS),
        ("CORS_ORIGINS", "https://ada@a.example", ORIGINS),
        ("CORS_ORIGINS", "http://[", ORIGINS),
        ("DATABASE_URL", "mysql://root@localhost/app", DATABASE),
        ("DATABASE_URL", "postgresql+psycopg2://localhost/app", DATABASE),
        ("DATABASE_URL", "sqlite://", DATABASE),
        ("DATABASE_URL", "sqlite:///:memory:", DATABASE),
        ("DATABASE_URL", "just words", DATABASE),
        ("DATABASE_URL", "postgresql://localhost:port/app", DATABASE),
        ("SECRET_KEY", "short", f"is too short: it must have at least 32 bytes; {MAKE_ONE}"),
        ("JWT_SECRET_KEY", "change-me-" * 5, f"looks like a placeholder; {MAKE_ONE}"),
    ],
)
def test_an_invalid_value_is_refused_by_name_and_with_the_mend(
    instance: Path, name: str, value: str, mend: str
) -> None:
    variables = {"INSTANCE_PATH": str(instance), name: value}

    assert problems_of(None, variables) == (f"{name}: {mend}",)


def test_an_invalid_test_database_is_refused_by_its_own_name() -> None:
    variables = {"TEST_DATABASE_URL": "mysql://root@localhost/app"}

    assert problems_of("testing", variables) == (f"TEST_DATABASE_URL: {DATABASE}",)


def test_all_bad_variables_are_reported_at_once() -> None:
    variables = {
        "FLASK_DEBUG": "on",
        "CORS_ORIGINS": "*",
        "DATABASE_URL": "mysql://root@localhost/app",
        "PORT": "http",
        "LOG_LEVEL": "loud",
        "SECRET_KEY": "short",
    }

    names = {problem.partition(":")[0] for problem in problems_of("production", variables)}

    assert names == {*variables, "JWT_SECRET_KEY"}


def test_the_error_has_one_line_for_each_problem() -> None:
    with pytest.raises(SettingsError) as caught:
        for_development(Path("unused"), PORT="http", LOG_LEVEL="loud")

    assert str(caught.value).splitlines() == [
        "The settings are not valid:",
        "  PORT: must be a whole number from 1 to 65535",
        "  LOG_LEVEL: must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL",
    ]


def test_every_variable_stands_in_the_example_file() -> None:
    example = Path(__file__).parents[1] / ".env.example"
    names = re.findall(r"^(?:# ?)?([A-Z][A-Z_]+)=", example.read_text("utf-8"), re.MULTILINE)

    assert sorted(names) == sorted(variables_read())


# The environment.


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

    assert (settings.environment, settings.port, settings.host) == ("testing", 7001, "127.0.0.1")


def test_the_environment_wins_over_the_file(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("PORT=7001\nWEB_THREADS=3\n", encoding="utf-8")
    monkeypatch.setenv("PORT", "7002")

    settings = load_settings("testing")

    assert (settings.port, settings.web_threads) == (7002, 3)


def test_the_file_of_a_folder_above_is_not_read(
    elsewhere: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (elsewhere / ".env").write_text("PORT=7001\n", encoding="utf-8")
    (elsewhere / "below").mkdir()
    monkeypatch.chdir(elsewhere / "below")

    assert load_settings("testing").port == 5000


# The database.


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_postgresql_scheme_means_psycopg(scheme: str) -> None:
    settings = for_production(
        DATABASE_URL=f"{scheme}://app:p%40ss@db.example:5433/app?sslmode=require"
    )

    assert settings.database_url == (
        "postgresql+psycopg://app:p%40ss@db.example:5433/app?sslmode=require"
    )


def test_a_relative_sqlite_path_is_taken_from_the_working_folder(elsewhere: Path) -> None:
    settings = for_development(elsewhere, DATABASE_URL="sqlite:///data/app.db")

    assert settings.database_url == f"sqlite:///{elsewhere}/data/app.db"


def test_development_has_a_file_in_the_instance_folder(instance: Path) -> None:
    assert for_development(instance).database_url == f"sqlite:///{instance}/development.sqlite3"


def test_testing_has_a_file_of_its_own(instance: Path) -> None:
    settings = for_testing(instance, DATABASE_URL="postgresql://db.example/precious")

    assert settings.database_url == f"sqlite:///{instance}/testing.sqlite3"


def test_testing_takes_its_own_variable(instance: Path) -> None:
    settings = for_testing(instance, TEST_DATABASE_URL="postgres://db.example/scratch")

    assert settings.database_url == "postgresql+psycopg://db.example/scratch"


# Production refuses to start.


def test_production_starts_with_what_it_needs() -> None:
    settings = for_production()

    assert settings.is_production
    assert not settings.is_testing
    assert settings.cors_origins == ()


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY"])
@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("", "must be set in production"),
        ("k7Wd-3xKp0_ZmVt9RbLc2NfYhGs8Ju4", "is too short: it must have at least 32 bytes"),
        ("your-256-bit-secret-key-goes-in-here", "looks like a placeholder"),
        ("a" * 64, "looks like a placeholder"),
    ],
)
def test_production_refuses_a_weak_secret(name: str, secret: str, weakness: str) -> None:
    assert problems_of("production", {**PRODUCTION, name: secret}) == (
        f"{name}: {weakness}; {MAKE_ONE}",
    )


def test_production_refuses_equal_secrets() -> None:
    variables = {**PRODUCTION, "JWT_SECRET_KEY": PRODUCTION["SECRET_KEY"]}

    assert problems_of("production", variables) == ("JWT_SECRET_KEY: must differ from SECRET_KEY",)


def test_production_refuses_to_go_without_a_database() -> None:
    assert problems_of("production", {**PRODUCTION, "DATABASE_URL": ""}) == (
        "DATABASE_URL: must be set in production, to postgresql://user@host/database",
    )


def test_production_refuses_debug() -> None:
    assert problems_of("production", {**PRODUCTION, "FLASK_DEBUG": "true"}) == (
        "FLASK_DEBUG: must be off in production",
    )


@pytest.mark.parametrize("origins", ["*", "https://a.example, *"])
def test_production_refuses_all_origins(origins: str) -> None:
    assert problems_of("production", {**PRODUCTION, "CORS_ORIGINS": origins}) == (
        "CORS_ORIGINS: must name each origin in production, not *",
    )


# Secrets outside production.


def test_development_keeps_its_own_secrets(instance: Path) -> None:
    first, second = for_development(instance), for_development(instance)

    assert len(first.secret_key) == len(first.jwt_secret_key) == 64
    assert first.secret_key != first.jwt_secret_key
    assert (first.secret_key, first.jwt_secret_key) == (second.secret_key, second.jwt_secret_key)


def test_two_installations_have_different_secrets(tmp_path: Path) -> None:
    assert for_development(tmp_path / "a").secret_key != for_development(tmp_path / "b").secret_key


def test_only_their_owner_may_read_the_kept_secrets(instance: Path) -> None:
    for_development(instance)

    (kept,) = instance.iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_the_token_secret_falls_back_to_the_given_secret_in_development(instance: Path) -> None:
    settings = for_development(instance, SECRET_KEY=STRONG)

    assert settings.jwt_secret_key == STRONG


def test_the_token_secret_falls_back_to_nothing_in_testing(instance: Path) -> None:
    settings = for_testing(instance, SECRET_KEY=STRONG)

    assert settings.secret_key == STRONG
    assert settings.jwt_secret_key != STRONG


def test_a_given_token_secret_stands_beside_the_kept_one(instance: Path) -> None:
    settings = for_development(instance, JWT_SECRET_KEY=STRONG)

    assert settings.jwt_secret_key == STRONG
    assert settings.secret_key == for_development(instance).secret_key


def test_testing_keeps_nothing(instance: Path) -> None:
    assert for_testing(instance).secret_key != for_testing(instance).secret_key
    assert not list(instance.glob("*secrets*"))


def test_an_instance_folder_that_cannot_be_made_is_one_problem(tmp_path: Path) -> None:
    file_in_the_way = tmp_path / "file"
    file_in_the_way.touch()

    (problem,) = problems_of("development", {"INSTANCE_PATH": str(file_in_the_way / "instance")})

    assert problem.startswith(f"INSTANCE_PATH: {file_in_the_way}/instance must be a folder")


@pytest.mark.parametrize("content", ["", "[]", '{"SECRET_KEY": "only one of two"}'])
def test_a_damaged_file_of_secrets_is_one_problem(instance: Path, content: str) -> None:
    for_development(instance)
    (kept,) = instance.iterdir()
    kept.write_text(content, encoding="utf-8")

    (problem,) = problems_of("development", {"INSTANCE_PATH": str(instance)})

    assert problem == f"SECRET_KEY: {kept} is damaged; delete it, and a new one is made"


def test_the_instance_folder_is_made_where_the_database_goes(instance: Path) -> None:
    for_development(instance, SECRET_KEY=STRONG)

    assert instance.is_dir()


# No secret is shown.


def test_no_secret_is_in_the_representation() -> None:
    shown = repr(for_production())

    assert "port=5000" in shown
    assert not [secret for secret in (*PRODUCTION.values(), "hunter22") if secret in shown]


def test_no_value_is_in_the_error() -> None:
    variables = {
        "SECRET_KEY": "tooshort1",
        "JWT_SECRET_KEY": "changeme-0123456789-0123456789-0123456789",
        "DATABASE_URL": "mysql://app:hunter22@db.example/app",
    }

    with pytest.raises(SettingsError) as caught:
        load_settings("production", variables)

    shown = str(caught.value) + repr(caught.value)
    assert not [value for value in (*variables.values(), "hunter22") if value in shown]


# What differs under test, and what must not.


def test_testing_has_short_access_tokens(instance: Path) -> None:
    settings = for_testing(instance)

    assert settings.is_testing
    assert settings.access_token_lifetime == timedelta(seconds=5)
    assert settings.refresh_token_lifetime == timedelta(days=30)


def test_testing_hashes_cheaply(instance: Path) -> None:
    made = PasswordHasher(cost=for_testing(instance).hashing_cost).hash("password123")

    assert made.startswith("$argon2id$v=19$m=8,t=1,p=1$")


@pytest.mark.parametrize("environment", ["development", "production"])
def test_the_real_hashing_parameters(environment: str, instance: Path) -> None:
    settings = load_settings(environment, {**PRODUCTION, "INSTANCE_PATH": str(instance)})

    made = PasswordHasher(cost=settings.hashing_cost).hash("password123")

    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


# What Flask gets.


def test_the_engine_options(instance: Path) -> None:
    options = for_development(instance).flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["pool_pre_ping"] is True
    assert options["pool_recycle"] == 300
    assert options["hide_parameters"] is True
    assert options["connect_args"] == {"timeout": 15}


def test_postgresql_is_not_waited_for_for_long() -> None:
    options = for_production().flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert options["connect_args"] == {"connect_timeout": 5, "application_name": "userapi"}


def test_the_pool_grows_to_twice_its_size(instance: Path) -> None:
    settings = for_development(instance, DATABASE_POOL_SIZE="7")
    options = settings.flask_config()["SQLALCHEMY_ENGINE_OPTIONS"]

    assert (options["pool_size"], options["max_overflow"]) == (7, 7)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SECRET_KEY", PRODUCTION["SECRET_KEY"]),
        ("JWT_SECRET_KEY", PRODUCTION["JWT_SECRET_KEY"]),
        ("SQLALCHEMY_DATABASE_URI", "postgresql+psycopg://app:hunter22@db.example/app"),
        ("SQLALCHEMY_ECHO", False),
        ("JWT_TOKEN_LOCATION", ["headers"]),
        ("JWT_ALGORITHM", "HS256"),
        ("JWT_ACCESS_TOKEN_EXPIRES", timedelta(hours=1)),
        ("JWT_REFRESH_TOKEN_EXPIRES", timedelta(days=30)),
        ("JWT_ENCODE_ISSUER", "userapi"),
        ("JWT_DECODE_ISSUER", "userapi"),
        ("JWT_ENCODE_AUDIENCE", "userapi"),
        ("JWT_DECODE_AUDIENCE", "userapi"),
        ("JWT_COOKIE_SECURE", True),
        ("SESSION_COOKIE_SECURE", True),
        ("SESSION_COOKIE_HTTPONLY", True),
        ("SESSION_COOKIE_SAMESITE", "Strict"),
        ("MAX_CONTENT_LENGTH", 1_048_576),
        ("DEBUG", False),
        ("TESTING", False),
    ],
)
def test_production_configures_flask(name: str, expected: object) -> None:
    assert for_production().flask_config()[name] == expected


def test_testing_configures_flask(instance: Path) -> None:
    config = for_testing(instance).flask_config()

    assert config["TESTING"] is True
    assert config["JWT_ACCESS_TOKEN_EXPIRES"] == timedelta(seconds=5)
    assert config["JWT_DECODE_LEEWAY"] == 0


def test_development_allows_cookies_over_plain_http(instance: Path) -> None:
    config = for_development(instance).flask_config()

    assert (config["SESSION_COOKIE_SECURE"], config["JWT_COOKIE_SECURE"]) == (False, False)


def test_debug_is_flasks_own(instance: Path) -> None:
    assert for_development(instance, FLASK_DEBUG="yes").flask_config()["DEBUG"] is True


def test_the_kept_secrets_are_plain_json(instance: Path) -> None:
    settings = for_development(instance)

    kept = json.loads((instance / "development-secrets.json").read_text(encoding="utf-8"))
    assert kept["SECRET_KEY"] == settings.secret_key
