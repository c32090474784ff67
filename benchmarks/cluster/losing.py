"""One of the servers killed, and the worker."""

import contextlib
import os
import signal
import time
from collections import Counter

from benchmarks.cluster.crowd import CLIENTS
from benchmarks.cluster.installation import DATABASE, Installation
from benchmarks.cluster.scenario import (
    DOWN_SECONDS,
    NORMS,
    RECOVERY_SECONDS,
    Scenario,
    load,
)
from benchmarks.faults.case import Findings, Seen
from benchmarks.faults.journeys import sign_up
from benchmarks.faults.service import Service, seconds_until
from benchmarks.speed.processes import children_of
from support.smtp import Mood

_LOST = CLIENTS + 1
"""How many may be left without an answer: those who were asking, and who tries what nobody may."""
_PEOPLE = 20
_DONE_SECONDS = 30.0
_BEFORE_THE_KILL = 4
_END_LEASES = "UPDATE jobs SET lease_until = now() WHERE lease_until > now() AND done_at IS NULL"
_WAITING = "SELECT count(*) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL AND kind <> 'sweep'"


def kill_server(place: Installation) -> Seen:
    """Kill one of the servers, and start it again after some seconds."""
    with load(place, "server", may_lose=_LOST) as under:
        server = place.servers[0]
        began = time.monotonic()
        _kill(server)
        time.sleep(DOWN_SECONDS)
        under.demand_changes(began, RECOVERY_SECONDS)
        began = time.monotonic()
        server.start()
        under.found.within("it serves again", time.monotonic() - began, _DONE_SECONDS)
    lost = sum(
        each.status is None and each.operation != "intrusion" for each in under.clients.answers()
    )
    under.found.tell(f"{lost} requests left without an answer")
    return under.found.seen()


def kill_worker(place: Installation) -> Seen:
    """Kill a worker that has a mail at hand, while another works beside it."""
    found = Findings()
    _drain(place)
    first = place.workers[-1]
    place.new_worker().launch()
    place.smtp.mood, known = Mood.SLOW, len(place.smtp.received)
    emails = [sign_up(place.urls[number % 2]).email for number in range(_PEOPLE)]
    seconds_until(lambda: len(place.smtp.received) >= known + _BEFORE_THE_KILL, _DONE_SECONDS)
    first.kill()
    began = time.monotonic()
    seconds_until(lambda: _missing(place, emails) <= 1, _DONE_SECONDS)
    found.within(
        f"all of {_PEOPLE} mails but {_missing(place, emails)} were sent",
        time.monotonic() - began,
        _DONE_SECONDS,
    )
    # What the killed one had at hand is its own until the lease is over, which are five minutes.
    place.patroni.primary.execute(_END_LEASES, database=DATABASE)
    drained = seconds_until(lambda: _missing(place, emails) == 0, _DONE_SECONDS)
    found.within("with its lease over, all", drained, _DONE_SECONDS)
    counts = Counter(each.recipient for each in place.smtp.received)
    doubled = sum(counts[email] - 1 for email in emails if counts[email])
    found.demand(f"{doubled} sent twice", holds=doubled <= 1)
    return found.seen()


def _missing(place: Installation, emails: list[str]) -> int:
    sent = {each.recipient for each in list(place.smtp.received)}
    return sum(email not in sent for email in emails)


def _drain(place: Installation) -> None:
    """Have done what is left of what was broken before."""
    primary = place.patroni.primary
    primary.execute(_END_LEASES, database=DATABASE)
    seconds_until(lambda: primary.execute(_WAITING, database=DATABASE) == [(0,)], _DONE_SECONDS)


def _kill(server: Service) -> None:
    for one in (server.process.pid, *children_of(server.process.pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)
    server.process.wait()


SCENARIOS = (
    Scenario(
        "C8",
        f"`kill -9` of one of the servers, back after {DOWN_SECONDS:.0f} s",
        f"the other goes on; lost at most what it had at hand; {NORMS}",
        kill_server,
    ),
    Scenario(
        "C9",
        "`kill -9` of a worker that has a mail at hand, another beside it",
        "all mails sent, at most one twice",
        kill_worker,
    ),
)
