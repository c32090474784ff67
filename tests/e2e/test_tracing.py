"""Spans of live servers, as a receiver of OTLP gets them; what the receiver does harms nobody."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.accounts import REGISTRATION, bearer
from support.canaries import SECRET
from support.databases import on_postgresql, on_sqlite
from support.otlp import Receiver, SentSpan, receiver_of_spans
from support.paths import LIVE, LOGIN, ME, USERS
from support.processes import client_of, environment_for_testing, run_python, working_server

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
TRACED = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01", "User-Agent": "secret-agent"}
LOGIN_DATA = {name: REGISTRATION[name] for name in ("email", "password")}


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiver_of_spans() as receiver:
        yield receiver


def statements_of(spans: list[SentSpan]) -> list[str]:
    return [it.attributes["db.statement"] for it in spans if "db.statement" in it.attributes]


def use(url: str, times: int = 1) -> list[int]:
    """Do as a client does that is traced; return the statuses."""
    with client_of(url) as client:
        answers = [client.post(USERS, json=REGISTRATION, headers=TRACED) for _ in range(2)]
        answers.append(client.post(LOGIN, json=LOGIN_DATA))
        own = bearer(answers[2].json()["access_token"])
        answers += [client.get(ME, headers=own | TRACED) for _ in range(times)]
        answers.append(client.get(ME, headers=TRACED, params={"token": "in-the-query"}))
        answers.append(client.get("/in-the-path", headers=TRACED))
        answers.append(client.get(LIVE, headers=TRACED))
    return [answer.status_code for answer in answers]


def test_one_trace_leads_through_the_service(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    with working_server(
        database_url,
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
        OTEL_SERVICE_NAME="users",
        OTEL_BSP_SCHEDULE_DELAY="200",
    ) as url:
        # Often enough for statements that the driver is asked directly.
        use(url, times=8)
        receiver.wait_for(lambda spans: any(it.name == "job mail" for it in spans))
    spans = receiver.spans  # the last ones came at the end

    own = [span for span in spans if span.trace_id == TRACE_ID]
    requests = [span for span in own if span.parent_id == SPAN_ID]
    names = [span.name for span in requests]
    assert {span.service for span in spans} == {"users"}
    assert {*names} == {f"POST {USERS}", f"GET {ME}", "GET"}
    assert names.count(f"GET {ME}") == 9
    for request in requests[2:10]:
        below = [span for span in own if span.parent_id == request.span_id]
        assert statements_of(below)
    (job,) = [span for span in own if span.name == "job mail"]
    assert job.parent_id == requests[0].span_id
    assert statements_of([span for span in own if span.parent_id == job.span_id])
    _assert_nothing_is_told(spans, tmp_path)


def _assert_nothing_is_told(spans: list[SentSpan], folder: Path) -> None:
    text = "\n".join(span.text for span in spans)
    assert SECRET.search(text) is None
    for told in ("in-the-query", "in-the-path", REGISTRATION["email"], "secret-agent"):
        assert told not in text
    (log,) = folder.glob("server-*.log")
    assert "span_id=" in log.read_text("utf-8")


@pytest.mark.parametrize("mood", [{"status": 503}, {"hangs": True}], ids=str)
@on_postgresql
def test_a_receiver_that_fails_harms_nobody(
    database_url: str, tmp_path: Path, receiver: Receiver, mood: dict[str, Any]
) -> None:
    receiver.__dict__.update(mood)
    with working_server(
        database_url,
        tmp_path,
        OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url,
        OTEL_BSP_SCHEDULE_DELAY="50",
    ) as url:
        statuses = use(url, times=20)
        end = time.monotonic() + 30
        while not receiver.asked and time.monotonic() < end:
            time.sleep(0.05)
        told_to_end = time.monotonic()

    assert receiver.asked
    assert statuses == [201, 409, 200, *[200] * 20, 401, 404, 200]
    assert time.monotonic() - told_to_end < 15


@on_sqlite
def test_a_worker_of_its_own_records_its_jobs(
    database_url: str, tmp_path: Path, receiver: Receiver
) -> None:
    variables = environment_for_testing(
        database_url, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT=receiver.url
    )

    done = run_python(
        "-m", "userapi", "worker", "--until-empty", folder=tmp_path, variables=variables
    )

    assert done.returncode == 0, done.stderr
    jobs = [span for span in receiver.spans if span.name == "job sweep"]
    assert statements_of([span for span in receiver.spans if span.parent_id == jobs[0].span_id])


@on_sqlite
def test_without_the_packages_the_variable_is_refused(database_url: str, tmp_path: Path) -> None:
    variables = environment_for_testing(
        database_url, tmp_path, OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:4318"
    )
    program = (
        "import sys; sys.modules['opentelemetry.sdk'] = None;"
        "from userapi.console import run; sys.argv = ['userapi', 'worker']; run()"
    )

    refused = run_python("-c", program, folder=tmp_path, variables=variables)

    assert refused.returncode == 1
    assert (
        "OTEL_EXPORTER_OTLP_ENDPOINT: needs OpenTelemetry, which is not installed; run: "
        "pip install 'userapi[otel]'"
    ) in refused.stderr
    assert "Traceback" not in refused.stderr
