"""PgBouncer, Redis and the replica killed, and started again."""

import contextlib
import time
import uuid

from benchmarks.cluster.installation import Installation
from benchmarks.cluster.scenario import (
    DOWN_SECONDS,
    NORMS,
    RECOVERY_SECONDS,
    RESUME_SECONDS,
    Scenario,
    load,
)
from benchmarks.faults.asking import Answer, Answers, Asker, Request
from benchmarks.faults.case import Seen
from benchmarks.faults.journeys import POSTS, sign_up
from benchmarks.faults.service import seconds_until

_LIMITED = {"register", "login", "refresh"}
_SILENT = "store-unavailable"
_POSTS = 10


def kill_pgbouncer(place: Installation) -> Seen:
    """Kill PgBouncer, and start it again after some seconds."""
    with load(place, "pgbouncer") as under:
        began = time.monotonic()
        place.pooler.pgbouncer.kill()
        time.sleep(DOWN_SECONDS)
        place.pooler.pgbouncer.start()
        under.demand_recovery(time.monotonic())
        under.demand_changes(began, DOWN_SECONDS + RECOVERY_SECONDS)
    return under.found.seen()


def kill_redis(place: Installation) -> Seen:
    """Kill Redis, and start it again after some seconds; what is not limited goes on meanwhile."""
    with load(place, "redis") as under:
        token = sign_up(place.urls[0]).access
        began = time.monotonic()
        place.redis.kill()
        made = sum(_publish(url, token) for _ in range(_POSTS) for url in place.urls)
        time.sleep(max(0.0, began + DOWN_SECONDS - time.monotonic()))
        during = under.clients.answers(began)
        place.redis.start()
        back = time.monotonic()
        seconds = seconds_until(lambda: _is_counted(under.clients.answers(back)), 60)
    limited = [each for each in during if each.operation in _LIMITED]
    refused = [each for each in limited if each.is_orderly_refusal and each.code == _SILENT]
    asked = _POSTS * len(place.urls)
    found = under.found
    found.demand(
        f"{len(refused)} of {len(limited)} limited requests answered 503",
        holds=len(refused) == len(limited) > 0,
    )
    found.demand(f"{made} of {asked} posts made", holds=made == asked)
    found.within("limits counted again", seconds, RECOVERY_SECONDS)
    return found.seen()


def kill_replica(place: Installation) -> Seen:
    """Kill the standby, from which lists are read and which confirms, and start it again."""
    with load(place, "replica") as under:
        began, before = time.monotonic(), under.reader.lists
        standby = place.patroni.standby
        standby.kill()
        time.sleep(DOWN_SECONDS)
        under.demand_changes(began, RECOVERY_SECONDS)
        meanwhile = under.reader.lists - before
        under.found.demand(f"{meanwhile} lists meanwhile", holds=meanwhile > 0)
        standby.program.launch()
        under.found.within("it confirms again", place.patroni.wait_until_whole(), RESUME_SECONDS)
    return under.found.seen()


def _publish(url: str, token: str) -> bool:
    """Publish something, and say whether that is done."""
    with contextlib.closing(Asker(url, Answers())) as asker:
        said = {"title": uuid.uuid4().hex, "content": "."}
        return asker.ask(Request("post", "POST", POSTS, said, token)).is_success


def _is_counted(answers: list[Answer]) -> bool:
    return any(each.is_success and each.operation in _LIMITED for each in answers)


SCENARIOS = (
    Scenario(
        "C2",
        f"`kill -9` of PgBouncer, back after {DOWN_SECONDS:.0f} s",
        f"recovered within 5 s; {NORMS}",
        kill_pgbouncer,
    ),
    Scenario(
        "C3",
        f"`kill -9` of Redis, back after {DOWN_SECONDS:.0f} s",
        f"limited requests are answered 503, all others as ever; counted again within 5 s; {NORMS}",
        kill_redis,
    ),
    Scenario(
        "C4",
        f"`kill -9` of the standby, which confirms commits, back after {DOWN_SECONDS:.0f} s",
        f"lists go on; changes stand still for at most 5 s; {NORMS}",
        kill_replica,
    ),
)
