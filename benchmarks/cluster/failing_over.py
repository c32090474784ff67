"""The primary lost, and given up: the standby takes its place."""

import contextlib
import time
from collections.abc import Callable, Iterator
from functools import partial

from benchmarks.cluster.crowd import CHANGES, Wide
from benchmarks.cluster.installation import Installation
from benchmarks.cluster.patroni import Host
from benchmarks.cluster.scenario import NORMS, RESUME_SECONDS, Load, Scenario, demand_changes, load
from benchmarks.faults.asking import Answers
from benchmarks.faults.case import Seen
from benchmarks.faults.service import seconds_until

_WHOLE_SECONDS = 60.0


def crash(place: Installation) -> Seen:
    """Kill the primary's PostgreSQL; its Patroni lives."""
    return _fail_over(place, "crash", Host.kill_postgres)


def lose(place: Installation) -> Seen:
    """Kill the primary's PostgreSQL and its Patroni, and start that again when all is over."""
    return _fail_over(place, "lose", Host.kill)


def switch_over(place: Installation) -> Seen:
    """Have both change their places."""
    return _fail_over(place, "switchover", lambda _: place.patroni.switch_over())


def _fail_over(place: Installation, name: str, what: Callable[[Host], None]) -> Seen:
    with _one_past_the_pooler(place), load(place, name) as under:
        old, other = place.patroni.primary, place.patroni.standby
        began = time.monotonic()
        what(old)
        waited = time.monotonic() - began
        promoted = waited + seconds_until(other.is_primary, _WHOLE_SECONDS)
        under.found.within("the standby promoted", promoted, _WHOLE_SECONDS)
        _demand_of_each(place, under, began)
        if not old.program.is_running:
            old.program.launch()
        whole = place.patroni.wait_until_whole()
        under.found.within("a standby confirms again", whole, _WHOLE_SECONDS)
    return under.found.seen()


def _demand_of_each(place: Installation, under: Load, began: float) -> None:
    """Demand that changes go on at each server, by whichever way it reaches the database."""
    world, promoted = under.clients.world, time.monotonic()
    kept = world.servers if isinstance(world, Wide) else {}
    for server, way in zip(place.urls, ("by PgBouncer", "by the URL of both hosts"), strict=True):
        answers = kept[server]
        seconds_until(partial(_is_changed, answers, promoted), _WHOLE_SECONDS)
        demand_changes(under.found, f"{way} changes", answers.all(), began, RESUME_SECONDS)


def _is_changed(answers: Answers, since: float) -> bool:
    """Say whether a change was asked for since then, and made."""
    return any(
        each.is_success and each.operation in CHANGES and each.at > since for each in answers.all()
    )


@contextlib.contextmanager
def _one_past_the_pooler(place: Installation) -> Iterator[None]:
    """Have the second server connect to the database itself, by a URL that names both hosts."""
    pooled = place.servers[1]
    pooled.stop()
    direct = place.new_server(place.direct_url)
    place.servers[1] = direct
    try:
        direct.start()
        yield
    finally:
        direct.destroy()
        place.servers[1] = pooled
        pooled.start()


SCENARIOS = (
    Scenario(
        "C5",
        "`kill -9` of the primary's PostgreSQL",
        f"changes stand still for at most 10 s; {NORMS}",
        crash,
    ),
    Scenario(
        "C6",
        "`kill -9` of the primary's PostgreSQL and Patroni",
        f"changes stand still for at most 10 s; {NORMS}",
        lose,
    ),
    Scenario(
        "C7",
        "`patronictl switchover`",
        f"changes stand still for at most 10 s; {NORMS}",
        switch_over,
    ),
)
