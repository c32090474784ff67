"""What the whole suite relies on to find secrets where none may be."""

import logging

import pytest
from sqlalchemy.orm import Session

from support.accounts import PASSWORD
from support.canaries import SECRET, Watch
from support.rows import NOON
from userapi.audit.models import AuditEvent

LINK = f"https://example.com/links/reset#uao_{43 * 'x'}"
SIGNED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"


@pytest.mark.any_database
@pytest.mark.parametrize("secret", [PASSWORD, LINK, SIGNED, f"uad_{43 * 'x'}"])
def test_s43_a_secret_in_the_log_is_found(watch: Watch, secret: str) -> None:
    logging.getLogger("userapi.anything").warning("it is %s", secret)

    assert len(watch.found) == 1
    watch.found = []


@pytest.mark.any_database
def test_s43_a_secret_in_a_traceback_is_found(watch: Watch) -> None:
    error = ValueError(PASSWORD)

    logging.getLogger("anybody").error("it failed", exc_info=error)

    assert len(watch.found) == 1
    watch.found = []


def test_s43_a_secret_in_the_audit_trail_is_found(watch: Watch, db_session: Session) -> None:
    event = AuditEvent(occurred_at=NOON, event="any:thing", details={"link": LINK})
    db_session.add(event)
    db_session.flush()

    assert len(watch.found) == 1
    watch.found = []


@pytest.mark.any_database
def test_s43_what_is_no_secret_is_none() -> None:
    assert SECRET.search("a uao_ token, the word password, id uaX_12") is None
