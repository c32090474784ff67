"""No record of the log looks like more than it is, whatever is in it."""

import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from typing import Any, NoReturn

import pytest
from flask.testing import FlaskClient

from support.accounts import Account, Headers
from userapi.web.log_lines import FACTS, EscapingFormatter, JSONFormatter, TextFormatter
from userapi.web.logging import current_facts, init_logging
from web.callers import cases
from web.failing import Failing

FORGED = "x\n2026-01-01 00:00:00 INFO userapi [-] forged\r\x1b[31m\x85\u2028\u202e\x9b2J"
ESCAPED = r"x\n2026-01-01 00:00:00 INFO userapi [-] forged\r\x1b[31m\x85\u2028\u202e\x9b2J"
FORMATTER = EscapingFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))


def record_of(message: str, *arguments: object, error: BaseException | None = None) -> str:
    """Return how a record is written."""
    information = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, information)
    return FORMATTER.format(record)


def raised(error: BaseException, cause: BaseException | None = None) -> BaseException:
    """Return the exception as it is once it has been raised."""
    try:
        raise error from cause  # noqa: TRY301 - it is to have a traceback
    except BaseException as caught:  # noqa: BLE001 - whatever it is, it is what was asked for
        return caught


def raised_while_another_was_handled() -> BaseException:
    try:
        try:
            raise ValueError(FORGED)  # noqa: TRY301 - it is to be handled
        except ValueError:
            raise KeyError(FORGED)  # noqa: B904 - the context is what is tested
    except KeyError as error:
        return error


def raised_in_place_of_another() -> BaseException:
    try:
        try:
            raise ValueError(FORGED)  # noqa: TRY301 - it is to be handled
        except ValueError:
            raise KeyError(FORGED) from None
    except KeyError as error:
        return error


def noted() -> BaseException:
    error = ValueError("noted")
    error.add_note(FORGED)
    return raised(error)


HOSTILE: dict[str, Callable[[], BaseException]] = {
    "message": lambda: raised(ValueError(FORGED)),
    "cause": lambda: raised(RuntimeError(FORGED), cause=raised(ValueError(FORGED))),
    "context": raised_while_another_was_handled,
    "note": noted,
    "group": lambda: raised(BaseExceptionGroup(FORGED, [raised(ValueError(FORGED))])),
    "syntax": lambda: raised(SyntaxError("bad", (FORGED, 1, 1, FORGED))),
    "json": lambda: raised(json.JSONDecodeError(FORGED, FORGED, 0)),
    "not-raised": lambda: ValueError(FORGED),
}


@pytest.mark.parametrize(
    ("message", "arguments"), [(FORGED, ()), ("%s", (FORGED,))], ids=["message", "argument"]
)
def test_a_record_is_one_line(message: str, arguments: tuple[str, ...]) -> None:
    assert record_of(message, *arguments) == f"ERROR test {ESCAPED}"


@cases(HOSTILE)
def test_every_line_of_a_traceback_is_indented(case: Callable[[], BaseException]) -> None:
    first, *others = record_of("failed", error=case()).split("\n")

    assert first == "ERROR test failed"
    assert [line for line in others if not line.startswith("    ")] == []
    assert [line for line in others if not line.isprintable()] == []
    assert [line for line in others if line.strip().startswith("2026-01-01")] == []


def test_a_traceback_is_whole() -> None:
    lines = record_of("failed", error=HOSTILE["cause"]()).split("\n")

    assert f"    ValueError: {ESCAPED}" in lines
    assert lines[-1] == f"    RuntimeError: {ESCAPED}"
    assert lines.count("    Traceback (most recent call last):") == 2
    assert any(line.endswith("in raised") for line in lines)


@pytest.mark.parametrize(
    ("error", "count"), [(raised_while_another_was_handled, 2), (raised_in_place_of_another, 1)]
)
def test_what_was_being_handled_is_told_unless_it_was_left_out(
    error: Callable[[], BaseException], count: int
) -> None:
    lines = record_of("failed", error=error()).split("\n")

    assert lines.count("    Traceback (most recent call last):") == count


def test_the_parts_of_a_group_are_told() -> None:
    lines = record_of("failed", error=HOSTILE["group"]()).split("\n")

    assert f"    ValueError: {ESCAPED}" in lines


def test_exceptions_that_cause_each_other_end() -> None:
    first, second = ValueError("first"), ValueError("second")
    first.__cause__, second.__cause__ = second, first

    assert record_of("failed", error=first).count("ValueError") == 2


def test_a_stack_is_escaped_too() -> None:
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, "here", (), None)
    record.stack_info = f"Stack:\n  {FORGED}"

    _, *others = FORMATTER.format(record).split("\n")

    assert all(line.startswith("    ") and line.isprintable() for line in others)


def test_what_another_formatter_kept_is_not_used() -> None:
    error = raised(ValueError(FORGED))
    record = logging.LogRecord(
        "test", logging.ERROR, __file__, 1, "failed", (), (ValueError, error, error.__traceback__)
    )
    logging.Formatter().format(record)

    assert "\n2026" not in FORMATTER.format(record)


FORMATTERS = {"text": TextFormatter(dict), "json": JSONFormatter(dict)}


@pytest.mark.parametrize(
    ("given", "brackets"),
    [
        ({}, "-"),
        ({"request_id": "abc"}, "abc"),
        ({"request_id": "abc", "user_id": 7, "trace_id": "def"}, "abc user_id=7 trace_id=def"),
        ({"trace_id": "def"}, "- trace_id=def"),
    ],
)
def test_facts_stand_before_what_is_said(given: dict[str, object], brackets: str) -> None:
    record = logging.LogRecord("test", logging.INFO, __file__, 1, "told] user_id=8", (), None)
    record.__dict__[FACTS] = given

    text = FORMATTERS["text"].format(record)

    assert text.endswith(f"Z INFO test {os.getpid()} [{brackets}] told] user_id=8")


def object_of(message: str, *arguments: object, error: BaseException | None = None) -> Any:
    """Return what is read of a record in JSON, which is one line that shows what it is."""
    information = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, message, arguments, information)
    line = FORMATTERS["json"].format(record)
    assert line.isprintable()
    return json.loads(line)


@pytest.mark.parametrize(
    "text", [FORGED, '"}', "\\", "\U000e0041 \x7f", "caf\u00e9 \U0001f600", "\ud800", "\0"]
)
def test_a_record_in_json_says_what_was_said(text: str) -> None:
    assert object_of("%s", text)["message"] == text


def test_a_record_in_json_tells_numbers_of_any_size() -> None:
    record = logging.LogRecord("test", logging.ERROR, __file__, 1, "told", (), None)
    record.__dict__[FACTS] = {"immense": 2**70}

    assert json.loads(FORMATTERS["json"].format(record))["immense"] == 2**70


@cases(HOSTILE)
def test_a_traceback_is_a_text_of_the_record(case: Callable[[], BaseException]) -> None:
    record = object_of("failed", error=case())

    assert record.keys() == {"time", "level", "logger", "process", "message", "traceback"}
    assert FORGED.split("\n", maxsplit=1)[0] in record["traceback"]


# As the application is set up


def written_by(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect what the handler of the application's log writes for people."""
    init_logging("INFO", is_json=False)
    (handler,) = logging.getLogger("userapi").handlers
    lines: list[str] = []
    monkeypatch.setattr(handler, "emit", lambda record: lines.append(handler.format(record)))
    return lines


def test_an_error_with_what_a_client_sent_is_one_record(
    failing: Failing, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = failing.route(ValueError(FORGED))
    written = written_by(monkeypatch)

    failing.client.get(path)

    (entry,) = written
    assert [line for line in entry.split("\n")[1:] if not line.startswith("    ")] == []
    assert f"    ValueError: {ESCAPED}" in entry.split("\n")


def test_a_path_in_a_record_is_escaped(failing: Failing, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(name: str) -> NoReturn:
        raise ValueError

    failing.app.add_url_rule("/failing/<name>", view_func=fail)
    written = written_by(monkeypatch)

    failing.client.get("/failing/x", environ_overrides={"PATH_INFO": "/failing/x\n2026\x1b[31m"})

    (entry,) = written
    assert r"/failing/x\n2026\x1b[31m [GET]" in entry.split("\n")[0]


@pytest.mark.parametrize(
    ("theirs", "shown"),
    [
        ("order-66", "order-66"),
        ("] forged [", "%5D%20forged%20%5B"),
        ("a\x1b[31m", "a%1B%5B31m"),
        ("x" * 10_000, "x" * 64),
    ],
)
def test_a_clients_own_name_stands_beside_ours(
    testing: FlaskClient, theirs: str, shown: str
) -> None:
    with testing:
        answer = testing.get("/nowhere", environ_overrides={"HTTP_X_REQUEST_ID": theirs})
        facts = current_facts()

    assert facts["request_id"] == answer.headers["X-Request-Id"]
    assert facts["client_request_id"] == shown


def test_a_record_tells_who_asked_for_what(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    with client:
        client.get(user.path, headers=auth_headers)
        facts = current_facts()

    assert facts.keys() == {"request_id", "operation", "user_id", "session_id", "trace_id"}
    assert (facts["operation"], facts["user_id"]) == ("get_user", user.id)


def test_nothing_is_told_of_a_request_that_is_over(client: FlaskClient) -> None:
    client.get("/nowhere")

    assert current_facts() == {}


def test_libraries_cannot_add_lines_either(testing: FlaskClient) -> None:
    assert logging.lastResort is not None
    record = logging.LogRecord("library", logging.WARNING, __file__, 1, FORGED, (), None)

    assert len(logging.lastResort.format(record).splitlines()) == 1


# As a process of its own writes


def told_by(program: str, *, is_json: bool) -> list[str]:
    """Return the lines of a process far west of Greenwich, once its log is set up."""
    start = "import logging, time, warnings; from userapi.web.logging import init_logging;"
    setup = f"{start} init_logging('INFO', is_json={is_json});"
    ended = subprocess.run(
        [
            sys.executable,
            "-W",
            "always",
            "-c",
            f"{setup} {program}",
        ],
        env={**os.environ, "TZ": "America/New_York"},
        capture_output=True,
        check=True,
        text=True,
    )
    assert ended.stdout == ""
    return ended.stderr.splitlines()


LIBRARIES = ["userapi.mail", "alembic.runtime", "procrastinate.worker", "sqlalchemy.engine.Engine"]


@pytest.mark.parametrize("is_json", [True, False])
def test_all_who_log_do_so_in_one_format(*, is_json: bool) -> None:
    program = f"[logging.getLogger(it).warning({FORGED!r}) for it in {LIBRARIES}];"

    lines = told_by(f"{program} warnings.warn('old\\nand more')", is_json=is_json)

    assert [line for line in lines if not line.isprintable()] == []
    if is_json:
        assert [json.loads(line)["logger"] for line in lines] == [*LIBRARIES, "py.warnings"]
    else:
        assert [line.split()[2] for line in lines] == [*LIBRARIES, "py.warnings"]


@pytest.mark.parametrize("is_json", [True, False])
def test_a_time_is_told_in_utc(*, is_json: bool) -> None:
    program = "logging.getLogger('userapi').info(time.time())"

    (line,) = told_by(program, is_json=is_json)

    record = json.loads(line) if is_json else {"time": line.split()[0], "message": line.split()[-1]}
    assert record["time"].endswith("Z")
    moment = datetime.fromisoformat(record["time"])
    assert abs(moment.timestamp() - float(record["message"])) < 60
