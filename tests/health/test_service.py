import gc
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest

from userapi.health import service
from userapi.health.errors import NotReady, ServiceStopping
from userapi.health.service import HealthService, Probe
from userapi.kit.arrival import ASKED_AT
from userapi.kit.errors import StoreUnavailable
from userapi.kit.shared_flag import Stopping

Look = Callable[[], int | None]


def health(
    *looks: Look, stopping: Stopping | None = None, now: list[float] | None = None
) -> HealthService:
    times = now or [0.0]
    return HealthService(
        stopping=stopping or Stopping(),
        probes=[Probe(f"probe-{number}", look) for number, look in enumerate(looks)],
        within=nullcontext,
        timer=lambda: times[0],
    )


def fail() -> int:
    raise NotReady


def test_what_each_probe_sees_is_told() -> None:
    seen = health(lambda: None, lambda: 7).checks()

    assert [(check.name, check.status, check.waiting) for check in seen] == [
        ("probe-0", "ok", None),
        ("probe-1", "ok", 7),
    ]


def test_the_time_of_each_is_told() -> None:
    now = [10.0]

    def look() -> None:
        now[0] += 0.25

    assert health(look, now=now).checks()[0].milliseconds == 250


def test_what_a_probe_raises_is_raised() -> None:
    with pytest.raises(NotReady):
        health(lambda: None, fail).checks()


def test_what_is_not_vital_may_fail() -> None:
    checked = HealthService(
        stopping=Stopping(),
        probes=[Probe("mail", fail, is_vital=False), Probe("database", lambda: None)],
        within=nullcontext,
    )

    assert {check.name: check.status for check in checked.checks()} == {
        "mail": "failed",
        "database": "ok",
    }


def test_what_was_seen_a_moment_ago_is_told_again() -> None:
    now, looked = [10.0], [0]

    def look() -> None:
        looked[0] += 1

    checked = health(look, now=now)
    checked.checks()
    now[0] += service.KEPT_SECONDS
    checked.checks()
    soon = looked[0]
    now[0] += 0.1
    checked.checks()

    assert (soon, looked[0]) == (1, 2)


def test_a_failure_is_looked_at_anew() -> None:
    looked = [0]

    def look() -> int:
        looked[0] += 1
        return fail()

    checked = health(look)
    for _ in range(2):
        with pytest.raises(NotReady):
            checked.checks()

    assert looked[0] == 2


def test_who_waits_for_a_look_that_fails_is_told_of_it() -> None:
    begun, over = threading.Event(), threading.Event()
    looked = [0]

    def look() -> int:
        looked[0] += 1
        begun.set()
        over.wait(10)
        return fail()

    times = [0.0]
    checked = health(look, now=times)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(checked.checks)
        assert begun.wait(10)
        second = pool.submit(checked.checks)
        with pytest.raises(TimeoutError):  # it waits by now
            second.result(0.2)
        times[0] = 1.0
        over.set()
        for asked in (first, second):
            with pytest.raises(NotReady):
                asked.result(10)

    assert looked[0] == 1


def test_nobody_waits_long_for_a_look_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SECONDS", 0.1)
    over, looked = threading.Event(), [0]

    def look() -> None:
        looked[0] += 1
        over.wait(10)

    checked = health(look)
    try:
        for _ in range(2):
            with pytest.raises(StoreUnavailable):
                checked.checks()
    finally:
        over.set()

    assert looked[0] == 1


@pytest.mark.parametrize("seconds", [0, service.KEPT_SECONDS + 1])
def test_what_is_not_vital_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, seconds: float
) -> None:
    monkeypatch.setattr(service, "SECONDS", 0.1)
    times, over = [10.0], threading.Event()

    def hang() -> None:
        times[0] += seconds
        over.wait(10)

    checked = HealthService(
        stopping=Stopping(),
        probes=[Probe("mail", hang, is_vital=False), Probe("database", lambda: None)],
        within=nullcontext,
        timer=lambda: times[0],
    )
    try:
        if seconds:
            with pytest.raises(StoreUnavailable):  # what was seen is too old by now
                checked.checks()
        else:
            seen = [(check.name, check.status) for check in checked.checks()]
            assert seen == [("database", "ok"), ("mail", "failed")]
    finally:
        over.set()


def test_who_has_waited_for_a_thread_is_told_what_was_seen_since() -> None:
    looked, times = [0], [10.0]

    def look() -> int:
        looked[0] += 1
        return fail()

    checked = health(look, now=times)
    with pytest.raises(NotReady):
        checked.checks()
    times[0] = 11.0
    token = ASKED_AT.set(9.5)
    try:
        with pytest.raises(NotReady):
            checked.checks()
    finally:
        ASKED_AT.reset(token)

    assert looked[0] == 1


def test_what_a_failed_look_had_is_not_kept() -> None:
    held: list[weakref.ref[threading.Event]] = []

    def look() -> int:
        large = threading.Event()
        held.append(weakref.ref(large))
        return fail()

    checked = health(look)
    for _ in range(2):
        with pytest.raises(NotReady):
            checked.checks()
    gc.collect()

    assert [each() for each in held] == [None, None]


def test_whatever_fails_is_a_service_that_is_not_ready(caplog: pytest.LogCaptureFixture) -> None:
    def look() -> int:
        raise LookupError

    with pytest.raises(StoreUnavailable):
        health(look).checks()

    assert "not ready: LookupError" in caplog.text


def test_a_process_without_threads_is_not_ready_until_it_has_some() -> None:
    def refuse(_: threading.Thread) -> None:
        message = "can't start new thread"
        raise RuntimeError(message)

    checked = health(lambda: None)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(StoreUnavailable):
            checked.checks()

    assert [check.status for check in checked.checks()] == ["ok"]


def test_a_service_that_is_about_to_stop_is_not_ready_and_asks_nobody() -> None:
    stopping = Stopping()
    stopping.set()

    with pytest.raises(ServiceStopping):
        health(fail, stopping=stopping).checks()
