"""What the figures bring."""

from collections.abc import Iterator

from userapi.container import Feature, Shared
from userapi.kit.jobs import JobHandler, Payload
from userapi.stats.models import DailyStats, StatsSnapshot
from userapi.stats.repository import StatsRepository
from userapi.stats.resources import blp
from userapi.stats.service import StatsService
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what counts, and what keeps it."""
    stats = StatsRepository(db=shared.db, clock=shared.database_clock)
    yield StatsService(transaction=shared.transaction, stats=stats)


def _refresh(_: Payload) -> None:
    provided(StatsService).refresh()


FEATURE = Feature(
    name="stats",
    blueprint=blp,
    build=build,
    models=(StatsSnapshot, DailyStats),
    jobs=(JobHandler(kind="stats", run=_refresh, is_hourly=True),),
)
