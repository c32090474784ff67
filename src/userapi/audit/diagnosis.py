"""The clock beside what happened, as `userapi doctor` sees it."""

from collections.abc import Iterator
from datetime import timedelta

from userapi.audit.service import AuditSearch
from userapi.kit.clock import timestamp, utc_now
from userapi.kit.diagnoses import Diagnosis, Finding, failed, ok
from userapi.web.services import provided

_TOLERATED = timedelta(seconds=10)


def event_findings() -> Iterator[Finding]:
    """Yield whether the clock is behind the newest event: then it was put back, or is wrong."""
    newest = provided(AuditSearch).newest_time()
    if newest is not None and newest - utc_now() > _TOLERATED:
        told = f"the newest event is of {timestamp(newest)}, which this clock has yet to reach"
        yield failed(told, "set this machine's clock by NTP")
    else:
        yield ok("the clock is ahead of all that happened")


DIAGNOSIS = Diagnosis(name="clock", look=event_findings, needs=("DATABASE_",), asks_database=True)
