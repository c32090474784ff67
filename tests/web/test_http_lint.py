"""Every answer of the suite is linted as HTTP: see `support/linting.py`."""

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from support.linting import LintingClient, faults_of
from support.paths import LIVE
from web.callers import cases
from web.failing import Failing
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database

FAULTY = {
    "tag": ({"ETag": "7-3"}, "ETag field value"),
    "challenge": ({"WWW-Authenticate": 'Bearer realm="a'}, "WWW-Authenticate field value"),
    "lifetime": ({"Cache-Control": "max-age=soon"}, "max-age"),
    "type": ({"Content-Type": "json"}, "Content-Type field value"),
}


@cases(SAMPLES)
def test_no_kind_of_answer_has_a_fault(testing: FlaskClient, case: Sample) -> None:
    assert list(faults_of(case.send(testing))) == []


@cases(FAULTY)
def test_a_fault_is_found(failing: Failing, case: tuple[dict[str, str], str]) -> None:
    headers, name = case
    failing.app.add_url_rule("/faulty", view_func=lambda: Response("fine", headers=headers))

    with pytest.raises(AssertionError, match=name):
        failing.client.get("/faulty")


def test_all_clients_look_for_faults() -> None:
    assert isinstance(Flask(__name__).test_client(), LintingClient)


def test_a_kind_is_looked_at_once(testing: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    testing.get(LIVE)
    monkeypatch.setattr("support.linting.faults_of", lambda _: ["fault"])

    assert testing.get(LIVE).status_code == 200
