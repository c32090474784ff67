"""What the health checks bring."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from userapi.container import Feature, Shared
from userapi.db import waiting
from userapi.db.facts import ensure_takes_writes
from userapi.db.migrations import Migrations
from userapi.health.errors import NotReady
from userapi.health.resources import blp
from userapi.health.service import SECONDS, HealthService, Probe
from userapi.kit.shared_flag import Stopping
from userapi.mail.catalogue import JOB
from userapi.outbox.service import JobStore
from userapi.rate_limits.store import RateLimitStore
from userapi.tokens.service import SigningKeyService
from userapi.web.services import another_context

_NOBODY = "health"


def build(shared: Shared) -> Iterator[object]:
    """Yield what tells whether requests should be sent here."""
    engine, migrations = shared.database.engine, shared.get(Migrations)
    keys, jobs = shared.get(SigningKeyService), shared.get(JobStore)
    counts = shared.get(RateLimitStore)

    def ensure_schema() -> None:
        if migrations.is_behind():
            raise NotReady

    def waiting_mails() -> int:
        return sum(kind.waiting for kind in jobs.backlog_by_kind() if kind.kind == JOB)

    def ensure_counts() -> None:
        counts.counts([_NOBODY])

    yield HealthService(
        stopping=shared.get(Stopping),
        within=lambda: _bounded(another_context()),
        probes=(
            Probe("database", lambda: ensure_takes_writes(engine)),
            Probe("migrations", ensure_schema),
            Probe("signing_keys", keys.ensure_none_refused),
            Probe("rate_limits", ensure_counts, is_vital=False),
            Probe("mail", waiting_mails, is_vital=False),
        ),
    )


@contextmanager
def _bounded(context: AbstractContextManager[object]) -> Iterator[None]:
    """Have a block in that context wait for the database no longer than anybody waits for it."""
    waiting.begin(SECONDS)
    with context:
        yield


FEATURE = Feature(name="health", blueprint=blp, build=build)
