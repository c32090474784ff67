from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import Result, _NamedTextIOWrapper
from flask import Flask
from flask.testing import FlaskCliRunner
from sqlalchemy import func, select

from support.accounts import try_login
from support.applications import application, engine_of, settings_for_production
from userapi.login.schemas import LoginSchema
from userapi.posts.models import Post
from userapi.users.models import User

pytestmark = pytest.mark.any_database

EMAIL = "boss@example.com"
PASSWORD = "correct horse battery"
SEEDED = [
    ("admin@example.com", "admin123"),
    ("moderator@example.com", "moderator123"),
    *((f"user{number}@example.com", "password123") for number in range(1, 6)),
]


@pytest.fixture
def production_runner(database_url: str, tmp_path: Path) -> Iterator[FlaskCliRunner]:
    with application(settings_for_production(database_url, tmp_path)) as app:
        yield app.test_cli_runner()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let standard input be a terminal."""
    monkeypatch.setattr(_NamedTextIOWrapper, "isatty", lambda _: True, raising=False)


def create_admin(
    runner: FlaskCliRunner, email: str, *options: str, password: str = PASSWORD
) -> Result:
    """Create an administrator; the password comes by standard input."""
    return runner.invoke(args=["create-admin", email, *options], input=f"{password}\n")


def users(app: Flask) -> dict[str, str]:
    """Return every user's address and role."""
    with engine_of(app).connect() as connection:
        return {row.email: row.role for row in connection.execute(select(User.__table__))}


def role_of_seeded(email: str) -> str:
    """Return the role that the sample data's addresses tell."""
    return email.partition("@")[0].rstrip("0123456789")


def number_of_posts(app: Flask) -> int:
    with engine_of(app).connect() as connection:
        return connection.scalar(select(func.count()).select_from(Post)) or 0


def login_status(app: Flask, email: str, password: str) -> int:
    return try_login(app.test_client(), email, password).status_code


# seed-db


def test_seeding_makes_an_admin_a_moderator_and_five_users(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    result = runner.invoke(args=["seed-db"])

    assert result.exit_code == 0
    assert users(own_app) == {email: role_of_seeded(email) for email, _ in SEEDED}


def test_seeding_echoes_each_user_with_the_password(runner: FlaskCliRunner) -> None:
    lines = runner.invoke(args=["seed-db"]).output.splitlines()

    for email, password in SEEDED:
        assert f"created {role_of_seeded(email)} {email} / {password}" in lines


def test_the_example_of_a_login_is_seeded() -> None:
    assert (LoginSchema.example["email"], LoginSchema.example["password"]) in SEEDED


def test_seeding_echoes_each_post(runner: FlaskCliRunner, own_app: Flask) -> None:
    lines = runner.invoke(args=["seed-db"]).output.splitlines()

    echoed = [line for line in lines if line.startswith("created post ")]
    assert len(echoed) == number_of_posts(own_app) > 0


@pytest.mark.parametrize(("email", "password"), [SEEDED[0], SEEDED[1], SEEDED[6]])
def test_a_seeded_user_can_log_in(
    runner: FlaskCliRunner, own_app: Flask, email: str, password: str
) -> None:
    runner.invoke(args=["seed-db"])

    assert login_status(own_app, email, password) == 200


def test_seeding_twice_adds_nothing(runner: FlaskCliRunner, own_app: Flask) -> None:
    runner.invoke(args=["seed-db"])
    before = (users(own_app), number_of_posts(own_app))

    result = runner.invoke(args=["seed-db"])

    assert result.exit_code == 0
    assert result.output.splitlines() == [f"{email} exists already" for email, _ in SEEDED]
    assert (users(own_app), number_of_posts(own_app)) == before


def test_seeding_adds_what_is_missing(runner: FlaskCliRunner, own_app: Flask) -> None:
    create_admin(runner, "user3@example.com")

    result = runner.invoke(args=["seed-db"])

    assert "user3@example.com exists already" in result.output.splitlines()
    assert len(users(own_app)) == 7
    assert users(own_app)["user3@example.com"] == "admin"


def test_an_empty_database_is_seeded_if_empty(runner: FlaskCliRunner, own_app: Flask) -> None:
    runner.invoke(args=["seed-db", "--if-empty"])

    assert len(users(own_app)) == 7


def test_a_database_with_a_user_is_not_seeded_if_empty(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    create_admin(runner, EMAIL)

    result = runner.invoke(args=["seed-db", "--if-empty"])

    assert (result.exit_code, result.output) == (
        0,
        "There are users already; nothing was added.\n",
    )
    assert list(users(own_app)) == [EMAIL]


@pytest.mark.any_database
@pytest.mark.parametrize("arguments", [[], ["--if-empty"]])
def test_production_is_not_seeded(production_runner: FlaskCliRunner, arguments: list[str]) -> None:
    result = production_runner.invoke(args=["seed-db", *arguments])

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line.startswith("Error: seed-db makes accounts with known passwords")
    assert users(production_runner.app) == {}


# create-admin


def test_an_admin_is_created(runner: FlaskCliRunner, own_app: Flask) -> None:
    result = create_admin(runner, EMAIL)

    assert result.exit_code == 0
    assert result.output.startswith(f"Created the administrator {EMAIL} with id ")
    assert users(own_app) == {EMAIL: "admin"}


def test_an_admin_can_log_in(runner: FlaskCliRunner, own_app: Flask) -> None:
    create_admin(runner, EMAIL)

    assert login_status(own_app, EMAIL, PASSWORD) == 200


def test_an_admin_is_created_in_production(production_runner: FlaskCliRunner) -> None:
    result = create_admin(production_runner, EMAIL)

    assert result.exit_code == 0
    assert users(production_runner.app) == {EMAIL: "admin"}


def test_an_admin_is_named(runner: FlaskCliRunner, own_app: Flask) -> None:
    names = ["--first-name", "Grace", "--last-name", "Hopper"]
    create_admin(runner, EMAIL, *names)

    with engine_of(own_app).connect() as connection:
        found = connection.execute(select(User.first_name, User.last_name)).one()
    assert tuple(found) == ("Grace", "Hopper")


@pytest.mark.usefixtures("terminal")
def test_the_password_is_asked_for_twice_on_a_terminal(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    result = runner.invoke(args=["create-admin", EMAIL], input=f"{PASSWORD}\n{PASSWORD}\n")

    assert result.exit_code == 0
    assert result.output.count("Password: ") == 1
    assert result.output.count("Repeat for confirmation: ") == 1
    assert PASSWORD not in result.output
    assert login_status(own_app, EMAIL, PASSWORD) == 200


@pytest.mark.any_database
@pytest.mark.usefixtures("terminal")
def test_two_different_passwords_are_refused(runner: FlaskCliRunner, own_app: Flask) -> None:
    result = runner.invoke(args=["create-admin", EMAIL], input=f"{PASSWORD}\nsomething else\n")

    assert result.exit_code == 1
    assert "The two entered values do not match" in result.output
    assert users(own_app) == {}


@pytest.mark.parametrize("line", [PASSWORD, f"{PASSWORD}\n", f"{PASSWORD}\r\nanother line\n"])
def test_the_password_is_a_line_of_standard_input(
    runner: FlaskCliRunner, own_app: Flask, line: str
) -> None:
    result = runner.invoke(args=["create-admin", EMAIL], input=line)

    assert result.exit_code == 0
    assert result.output.startswith("Created the administrator")
    assert login_status(own_app, EMAIL, PASSWORD) == 200


@pytest.mark.any_database
def test_a_password_that_never_comes_is_one_clear_line(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    result = runner.invoke(args=["create-admin", EMAIL])

    assert (result.exit_code, result.output) == (
        1,
        "Error: no password: standard input has no line for it\n",
    )
    assert users(own_app) == {}


def test_a_password_that_is_an_argument_works_with_a_warning(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    result = runner.invoke(args=["create-admin", EMAIL, PASSWORD])

    assert result.exit_code == 0
    assert result.stdout.startswith("Created the administrator")
    assert result.stderr.startswith("Warning: a password that is an argument is shown by process")
    assert PASSWORD not in result.output
    assert login_status(own_app, EMAIL, PASSWORD) == 200


@pytest.mark.parametrize("spelling", [EMAIL, EMAIL.upper(), '"{}"@{}'.format(*EMAIL.split("@"))])
def test_a_taken_address_is_refused(runner: FlaskCliRunner, own_app: Flask, spelling: str) -> None:
    create_admin(runner, EMAIL)

    result = create_admin(runner, spelling)

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line == (
        f"Error: {EMAIL} has an account already; to make it an administrator, run: "
        f"userapi set-role {EMAIL} admin"
    )
    assert users(own_app) == {EMAIL: "admin"}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["no-address", PASSWORD], "email: This must be an e-mail address."),
        ([EMAIL, "hidden7"], "password: This must have 8 to 128 characters."),
        ([EMAIL, "x" * 129], "password: This must have 8 to 128 characters."),
        (
            [EMAIL, PASSWORD, "--first-name", ""],
            "first_name: This must have 1 to 100 characters.",
        ),
        (
            ["no-address", "hidden7"],
            "email: This must be an e-mail address.; password: This must have 8 to 128 characters.",
        ),
    ],
)
def test_invalid_input_is_refused_by_the_fields_name(
    runner: FlaskCliRunner, own_app: Flask, arguments: list[str], message: str
) -> None:
    email, password, *options = arguments
    result = create_admin(runner, email, *options, password=password)

    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")
    assert users(own_app) == {}


# set-role


@pytest.fixture
def two_admins(runner: FlaskCliRunner) -> list[str]:
    """The addresses of both administrators."""
    emails = [EMAIL, "second@example.com"]
    for email in emails:
        create_admin(runner, email)
    return emails


@pytest.mark.parametrize("role", ["user", "moderator", "admin"])
@pytest.mark.parametrize("spelling", [EMAIL, EMAIL.upper()])
def test_a_role_is_set(
    runner: FlaskCliRunner, own_app: Flask, two_admins: list[str], spelling: str, role: str
) -> None:
    result = runner.invoke(args=["set-role", spelling, role])

    assert (result.exit_code, result.output) == (0, f"The role of {EMAIL} is {role}.\n")
    assert users(own_app) == {EMAIL: role, two_admins[1]: "admin"}


def test_the_last_admin_keeps_the_role(
    runner: FlaskCliRunner, own_app: Flask, two_admins: list[str]
) -> None:
    runner.invoke(args=["set-role", two_admins[1], "moderator"])

    result = runner.invoke(args=["set-role", EMAIL, "user"])

    assert result.exit_code == 1
    assert result.output.startswith("Error: At least one active administrator must remain")
    assert users(own_app)[EMAIL] == "admin"


@pytest.mark.parametrize("impostor", ["\u212aate@example.com", "kate@\uff45xample.com"])
def test_s41_a_character_that_passes_for_another_names_nobody(
    runner: FlaskCliRunner, own_app: Flask, impostor: str
) -> None:
    create_admin(runner, "kate@example.com")

    result = runner.invoke(args=["set-role", impostor, "user"])

    assert result.exit_code == 1
    assert users(own_app) == {"kate@example.com": "admin"}


def test_an_unknown_address_has_no_role(runner: FlaskCliRunner, own_app: Flask) -> None:
    result = runner.invoke(args=["set-role", EMAIL, "admin"])

    assert (result.exit_code, result.output) == (
        1,
        f"Error: no user has the e-mail address {EMAIL}\n",
    )


@pytest.mark.any_database
def test_an_unknown_role_is_refused(
    runner: FlaskCliRunner, own_app: Flask, two_admins: list[str]
) -> None:
    result = runner.invoke(args=["set-role", EMAIL, "root"])

    assert result.exit_code == 2
    assert "'root' is not one of 'user', 'moderator', 'admin'" in result.output
    assert users(own_app)[EMAIL] == "admin"


def test_the_address_of_an_account_that_the_operator_makes_counts_as_proven(
    runner: FlaskCliRunner, own_app: Flask
) -> None:
    create_admin(runner, EMAIL)

    with engine_of(own_app).connect() as connection:
        assert connection.scalar(select(User.email_verified_at)) is not None
