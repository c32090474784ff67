"""A job goes on in the trace of the request that left it."""

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION
from support.paths import USERS
from userapi.jobs.outcomes import End, attempt
from userapi.kit.jobs import JobHandler, Payload
from userapi.kit.tracing import CURRENT_TRACE, Trace
from userapi.outbox.models import Job
from userapi.web.logging import current_facts

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = f"00-{TRACE_ID}-00f067aa0ba902b7-01"


def test_a_request_leaves_its_trace_to_its_jobs(client: FlaskClient, db_session: Session) -> None:
    client.post(USERS, json=REGISTRATION, headers={"traceparent": PARENT, "tracestate": "a=1"})

    (payload,) = db_session.scalars(select(Job.payload).where(Job.kind == "mail")).all()
    assert payload["traceparent"] == PARENT
    assert payload["tracestate"] == "a=1"


@pytest.mark.any_database
def test_a_job_is_done_in_its_trace_and_knows_nothing_of_it() -> None:
    given: list[tuple[Payload, Trace | None]] = []
    facts: list[object] = []

    def run(payload: Payload) -> None:
        given.append((payload, CURRENT_TRACE.get()))
        facts.append(current_facts())

    handler = JobHandler(kind="letter", run=run)
    outcome = attempt(handler, {"letter_id": 7, "traceparent": PARENT}, 1)

    assert outcome.end is End.DONE
    assert given == [({"letter_id": 7}, Trace(TRACE_ID, "00f067aa0ba902b7", "01"))]
    assert facts == [{"trace_id": TRACE_ID}]
    assert CURRENT_TRACE.get() is None
