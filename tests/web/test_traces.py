"""Every request is part of a trace: its caller's, or one of its own."""

import pytest
from flask import request
from flask.testing import FlaskClient

from userapi.kit.tracing import CURRENT_TRACE, Trace
from userapi.web.edge import TRACE, TRUSTED_PROXIES

pytestmark = pytest.mark.any_database

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
PARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"


def trace_of(client: FlaskClient, **headers: str) -> Trace:
    """Return the trace that a request with these headers is part of."""
    with client:
        client.get("/nowhere", headers=headers)
        trace: Trace = request.environ[TRACE]
    return trace


def test_a_callers_trace_goes_on(testing: FlaskClient) -> None:
    trace = trace_of(testing, traceparent=PARENT, tracestate="vendor=a")

    assert trace == Trace(TRACE_ID, SPAN_ID, "01", "vendor=a")


@pytest.mark.parametrize("told", ["", "nonsense", f"00-{'0' * 32}-{SPAN_ID}-01"])
def test_one_that_is_none_is_left_and_another_begun(testing: FlaskClient, told: str) -> None:
    with testing:
        answer = testing.get("/nowhere", headers={"traceparent": told, "tracestate": "vendor=a"})
        trace = request.environ[TRACE]

    name = answer.headers["X-Request-Id"]
    assert trace == Trace(name, name[:16])


@pytest.mark.parametrize("name", ["order-66", "0" * 32, "A" * 32, "0" * 16 + "a" * 16])
def test_a_proxys_name_that_names_no_trace_names_none(
    testing: FlaskClient, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(testing.application.config, TRUSTED_PROXIES, 1)

    trace = trace_of(testing, **{"X-Request-Id": name})

    assert trace.trace_id != name
    assert trace.trace_id[:16] == trace.span_id


def test_the_thread_is_of_no_trace_afterwards(testing: FlaskClient) -> None:
    testing.get("/nowhere", headers={"traceparent": PARENT})

    assert CURRENT_TRACE.get() is None


def test_an_answer_tells_nothing_of_the_trace(testing: FlaskClient) -> None:
    answer = testing.get("/nowhere", headers={"traceparent": PARENT, "tracestate": "vendor=a"})

    assert {name.lower() for name, _ in answer.headers}.isdisjoint(
        {"traceparent", "tracestate", "traceresponse"}
    )
