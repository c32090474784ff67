import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from support.applications import application, settings_of
from support.clocks import SetClock, set_clock
from userapi.tokens.keys.signing import Algorithm
from userapi.tokens.settings import TokenSettings

NOON = "2026-01-31 12:00:00 UTC"


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


@pytest.fixture(scope="module")
def signing_app(committing_app: Flask) -> Iterator[Flask]:
    """An application that signs with keys."""
    with application(
        settings_of(committing_app).replace(TokenSettings, algorithm=Algorithm.EDDSA)
    ) as app:
        yield app


@pytest.fixture
def runner(own_app: Flask, signing_app: Flask, clock: SetClock) -> FlaskCliRunner:
    """Runs commands on an application that signs with keys, and has none yet."""
    set_clock(signing_app, clock)
    return signing_app.test_cli_runner()


def keys(runner: FlaskCliRunner, *arguments: str) -> tuple[int, str]:
    result = runner.invoke(args=["keys", *arguments])
    return result.exit_code, result.output


def id_in(output: str) -> str:
    (key_id,) = re.findall(r"\b[0-9a-f]{16}\b", output)
    return str(key_id)


def test_the_first_key_is_made(runner: FlaskCliRunner) -> None:
    status, output = keys(runner, "generate")

    assert status == 0
    assert output == f"Made the EdDSA key {id_in(output)}, which signs from now on.\n"


def test_a_second_first_key_is_refused(runner: FlaskCliRunner) -> None:
    keys(runner, "generate")

    assert keys(runner, "generate") == (
        1,
        "Error: there is a key that signs already; run `userapi keys rotate` for another\n",
    )


def test_a_key_that_is_not_needed_is_not_made(runner: FlaskCliRunner) -> None:
    keys(runner, "generate", "--if-needed")

    assert keys(runner, "generate", "--if-needed") == (0, "")
    assert len(keys(runner, "list")[1].splitlines()) == 1


def test_a_worker_needs_no_key(runner: FlaskCliRunner) -> None:
    assert keys(runner, "list")[1] == "There is no key.\n"
    assert runner.invoke(args=["worker", "--until-empty"]).exit_code == 0


def test_a_rotation_tells_when_the_new_key_signs(runner: FlaskCliRunner) -> None:
    keys(runner, "generate")

    status, output = keys(runner, "rotate")

    assert status == 0
    assert output == (
        f"Made the EdDSA key {id_in(output)}, which signs from 2026-01-31 12:05:01 UTC.\n"
    )


def test_an_empty_ring_is_not_rotated(runner: FlaskCliRunner) -> None:
    status, output = keys(runner, "rotate")

    assert status == 1
    assert "userapi keys generate" in output


def test_the_list_tells_what_each_key_does(runner: FlaskCliRunner, clock: SetClock) -> None:
    old = id_in(keys(runner, "generate")[1])
    clock.forward(60)
    new = id_in(keys(runner, "rotate")[1])
    times = [f"made {NOON}  signs from {NOON}"]
    times += ["made 2026-01-31 12:01:00 UTC  signs from 2026-01-31 12:06:01 UTC"]

    assert keys(runner, "list")[1].splitlines() == [
        f"{old}  EdDSA  signing    {times[0]}",
        f"{new}  EdDSA  published  {times[1]}",
    ]
    clock.forward(301)
    keys(runner, "retire", old)
    assert keys(runner, "list")[1].splitlines() == [
        f"{old}  EdDSA  retired    {times[0]}  retired 2026-01-31 12:06:01 UTC",
        f"{new}  EdDSA  signing    {times[1]}",
    ]


def test_an_empty_ring_says_so(runner: FlaskCliRunner) -> None:
    assert keys(runner, "list") == (0, "There is no key.\n")


def test_a_retirement_tells_when_it_takes_effect(runner: FlaskCliRunner, clock: SetClock) -> None:
    old = id_in(keys(runner, "generate")[1])
    keys(runner, "rotate")
    clock.forward(301)

    assert keys(runner, "retire", old) == (
        0,
        f"Retired the key {old}; its tokens are refused within 10 seconds.\n",
    )
    assert keys(runner, "retire", old) == (1, "Error: the key was retired before\n")


def test_the_last_key_that_signs_is_not_retired(runner: FlaskCliRunner) -> None:
    only = id_in(keys(runner, "generate")[1])

    status, output = keys(runner, "retire", only)

    assert status == 1
    assert output.startswith("Error: no other key can sign at this moment; run `userapi keys")


def test_an_unknown_key_is_not_retired(runner: FlaskCliRunner) -> None:
    assert keys(runner, "retire", "unknown") == (
        1,
        "Error: no key has that id; run `userapi keys list`\n",
    )


# Without a ring in the database


@pytest.mark.parametrize("command", ["generate", "rotate"])
def test_hs256_has_no_key_ring(own_app: Flask, command: str) -> None:
    assert keys(own_app.test_cli_runner(), command) == (
        1,
        "Error: JWT_ALGORITHM is HS256, which signs with JWT_SECRET_KEY and has no key ring\n",
    )


def test_hs256_needs_no_key(own_app: Flask) -> None:
    assert keys(own_app.test_cli_runner(), "generate", "--if-needed") == (0, "")


@pytest.mark.parametrize("command", [["generate"], ["rotate"], ["retire", "one"]])
def test_keys_in_files_are_left_alone(own_app: Flask, tmp_path: Path, command: list[str]) -> None:
    settings = settings_of(own_app).replace(
        TokenSettings, algorithm=Algorithm.EDDSA, keys_folder=tmp_path
    )
    with application(settings) as app:
        assert keys(app.test_cli_runner(), *command) == (
            1,
            "Error: the keys are the files in JWT_KEYS_DIR; add and remove keys there\n",
        )
