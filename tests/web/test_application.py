"""What the service's Flask does in its own way."""

import math
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from flask import jsonify, session

from userapi.web.application import Application


@dataclass
class Point:
    """A record that nothing has shaped."""

    x: int


@pytest.fixture
def app() -> Application:
    return Application("own")


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": "\N{GRINNING FACE}"}, '{"b":1,"a":"\N{GRINNING FACE}"}\n'),
        ({"id": UUID(int=7)}, '{"id":"00000000-0000-0000-0000-000000000007"}\n'),
        (Point(3), '{"x":3}\n'),
        (2**70, "1180591620717411303424\n"),
        ("\ud83d", '"\\ud83d"\n'),
        ({7: None}, '{"7": null}\n'),
        (math.nan, "null\n"),
    ],
)
def test_answers_are_written_as_json(app: Application, value: Any, written: str) -> None:
    with app.app_context():
        answer = jsonify(value)

    assert answer.get_data(as_text=True) == written
    assert answer.mimetype == "application/json"


def test_hooks_run_in_the_order_in_which_they_came(app: Application) -> None:
    called: list[str] = []

    def view() -> str:
        called.append("view")
        return "done"

    app.before_request(partial(called.append, "first"))
    app.before_request(partial(called.append, "second"))
    app.add_url_rule("/", view_func=view)

    for _ in range(2):
        app.test_client().get("/")

    assert called == ["first", "second", "view"] * 2


def test_a_hook_that_fails_is_no_answer(app: Application) -> None:
    def fail() -> None:
        raise ValueError

    app.before_request(fail)
    app.add_url_rule("/", view_func=lambda: "done")

    assert app.test_client().get("/").status_code == 500


def test_nothing_is_kept_in_cookies(app: Application) -> None:
    def view() -> str:
        with pytest.raises(RuntimeError):
            session["name"] = "Ada"
        return "done"

    app.add_url_rule("/", view_func=view)

    assert "Set-Cookie" not in app.test_client().get("/").headers
