"""All together, with nothing broken."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from benchmarks.cluster.installation import DATABASE, LIMIT, USER, Installation
from benchmarks.cluster.scenario import NORMS, Scenario, load
from benchmarks.faults.asking import Answers, Asker, Request
from benchmarks.faults.case import Findings, Seen
from support.paths import PASSWORD_FORGOT

_SECONDS = 15.0
_FLUSH_SECONDS = 2.0  # after so long PostgreSQL has written down what it counted
_NOBODY = {"email": "nobody@example.com"}
_LET_IN, _LIMITED = 202, 429
_SCANS = """
    SELECT COALESCE(sum(seq_scan) + sum(idx_scan), 0)::int FROM pg_stat_user_tables
    WHERE relname = 'posts'
"""
_CONNECTIONS = f"SELECT count(*) FROM pg_stat_activity WHERE usename = '{USER}'"  # noqa: S608 - ours


def share(place: Installation) -> Seen:
    """Have clients at both servers, and look at who did what."""
    before = _scans(place)
    with load(place, "share") as under:
        time.sleep(_SECONDS)
        _limit(place, under.found)
        (connections,) = place.patroni.primary.execute(_CONNECTIONS)[0]
    found, answers = under.found, under.clients.answers()
    refused = [each for each in answers if not each.is_success and each.operation != "intrusion"]
    found.demand(f"{len(refused)} of {len(answers):,} refused", holds=not refused)
    time.sleep(_FLUSH_SECONDS)
    read = _scans(place) - before
    found.demand(
        f"{read} looks into posts on the standby for {under.reader.lists} lists", holds=read > 0
    )
    found.tell(f"{connections} connections at the primary")
    return found.seen()


def _limit(place: Installation, found: Findings) -> None:
    """Ask both servers at once for twice as much as is allowed to both together."""
    with ThreadPoolExecutor(2 * len(place.urls)) as threads:
        asked = threads.map(_forget, LIMIT * list(place.urls))
        counted = Counter(asked)
    let_in, limited = counted[_LET_IN], counted[_LIMITED]
    found.demand(
        f"of {counted.total()} at two servers {let_in} let in by a limit of {LIMIT}",
        holds=(let_in, limited) == (LIMIT, LIMIT),
    )
    (rows,) = place.patroni.primary.execute("SELECT count(*) FROM rate_limits", database=DATABASE)
    found.demand(f"{rows[0]} counts in the database", holds=rows[0] == 0)


def _forget(url: str) -> int | None:
    asker = Asker(url, Answers())
    try:
        return asker.ask(Request("forgot", "POST", PASSWORD_FORGOT, _NOBODY)).status
    finally:
        asker.close()


def _scans(place: Installation) -> int:
    return int(place.patroni.standby.execute(_SCANS, database=DATABASE)[0][0])


SCENARIOS = (
    Scenario(
        "C1",
        "PgBouncer, replica, Patroni and Redis together, nothing broken",
        f"nobody refused; a limit holds over both servers; lists from the standby; {NORMS}",
        share,
    ),
)
