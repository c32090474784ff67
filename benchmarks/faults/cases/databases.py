"""PostgreSQL killed, stopped, and replaced by its standby (F6, F7)."""

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.faults.case import POSTGRESQL, Bench, Case, Database, Findings, Seen
from benchmarks.faults.cluster import Cluster
from benchmarks.faults.service import seconds_until
from benchmarks.faults.standby import failover_url, standby_of
from benchmarks.faults.storm import Storm, quantile, storm
from userapi.rate_limits.database_store import POOL_SIZE

_DOWN_SECONDS = 5.0
_UP_SECONDS = 3.0
_RECOVERY_SECONDS = 5.0
_REFUSAL_SECONDS = 1.0
_IDLE_SECONDS = 30.0
_PROCESSES, _POOL_SIZE = 2, 5
_KEPT_CONNECTIONS = _PROCESSES * (_POOL_SIZE + POOL_SIZE)
"""How many the service keeps when nobody asks: whatever is beyond that, it has lost."""
_RESUME_SECONDS = 10.0
_END_ALL = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    " WHERE application_name = 'userapi'"
)


@dataclass(frozen=True)
class Outage:
    """How long it took to recover after one, and until 99 of 100 were refused during it."""

    recovery: float
    refusal: float


def kill(bench: Bench) -> Seen:
    """Kill the whole server, and start it again after some seconds."""
    found, outages = Findings(), []
    settings = {"WEB_CONCURRENCY": str(_PROCESSES), "DATABASE_POOL_SIZE": str(_POOL_SIZE)}
    with bench.database() as database, bench.service(database, **settings) as service:
        with storm(service.url, bench.ledger) as clients:
            time.sleep(_UP_SECONDS)
            for _ in range(bench.pick(20, 2)):
                outages.append(_outage(database, clients, Cluster.kill))
                time.sleep(_UP_SECONDS)
        settled = seconds_until(lambda: database.server.connections() <= _KEPT_CONNECTIONS, 60)
        found.judge(clients.judge(database.url))
    found.tell(f"{len(outages)} rounds")
    found.within("recovered", max(it.recovery for it in outages), _RECOVERY_SECONDS)
    found.within("503", max(it.refusal for it in outages), _REFUSAL_SECONDS)
    found.within(f"no more connections than the {_KEPT_CONNECTIONS} kept", settled, _IDLE_SECONDS)
    return found.seen()


def stop_and_terminate(bench: Bench) -> Seen:
    """Have the server end all connections, again and again, and then stop it at once."""
    found = Findings()
    with bench.database() as database, bench.service(database) as service:
        with storm(service.url, bench.ledger) as clients:
            time.sleep(_UP_SECONDS)
            ended = 0
            for _ in range(bench.pick(20, 3)):
                ended += int(str(database.server.execute(_END_ALL)[0][0]))
                time.sleep(0.5)
            recovery = clients.recovery(time.monotonic())
            outage = _outage(database, clients, lambda it: it.stop(signal.SIGQUIT))
        found.judge(clients.judge(database.url))
    found.tell(f"{ended} connections ended")
    found.within("writes resumed", recovery, _RESUME_SECONDS)
    found.within("after the stop", outage.recovery, _RESUME_SECONDS)
    return found.seen()


def fail_over(bench: Bench) -> Seen:
    """Kill the server, and promote a standby that had confirmed each commit."""
    found = Findings()
    with (
        bench.database() as database,
        standby_of(database.server, bench.folder / "standby") as standby,
    ):
        both = Database(failover_url(database.server, standby), database.cluster)
        with bench.service(both) as service:
            with storm(service.url, bench.ledger) as clients:
                time.sleep(_UP_SECONDS)
                database.server.kill()
                time.sleep(1)
                standby.promote()
                resumed = clients.recovery(time.monotonic())
                time.sleep(_UP_SECONDS)
            found.judge(clients.judge(standby.url))
    found.within("writes resumed", resumed, _RESUME_SECONDS)
    return found.seen()


def _outage(database: Database, clients: Storm, break_it: Callable[[Cluster], None]) -> Outage:
    """Break the server, and start it again after some seconds."""
    began = time.monotonic()
    break_it(database.server)
    time.sleep(_DOWN_SECONDS)
    refused = [each for each in clients.answers(began) if each.is_orderly_refusal]
    database.server.start()
    recovery = clients.recovery(time.monotonic())
    return Outage(recovery, quantile([each.seconds for each in refused], 0.99))


CASES = (
    Case(
        "F6",
        "`kill -9` of the whole PostgreSQL under load, 20 times, back after 5 s",
        "503 within 1 s; recovered within 5 s; no more connections than are kept within 30 s; "
        "N1 to N6",
        kill,
        databases=(POSTGRESQL,),
        minutes=8,
        quick=(POSTGRESQL,),
    ),
    Case(
        "F7",
        "all connections ended 20 times, then an immediate stop",
        "writes resume within 10 s; N1 to N6",
        stop_and_terminate,
        databases=(POSTGRESQL,),
    ),
    Case(
        "F7b",
        "`kill -9` of PostgreSQL, then a synchronous standby promoted",
        "writes resume within 10 s; N1 to N6",
        fail_over,
        databases=(POSTGRESQL,),
    ),
)
