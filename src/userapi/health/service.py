"""The state of the service itself."""

import logging
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from copy import copy
from dataclasses import dataclass
from threading import Event, Lock, Thread

from userapi.health.errors import ServiceStopping
from userapi.kit.arrival import ASKED_AT
from userapi.kit.errors import DomainError, StoreUnavailable, summary_of
from userapi.kit.shared_flag import Stopping

_log = logging.getLogger(__name__)

SECONDS = 1.5
"""How long whoever asks waits for an answer; load balancers give up after two."""

KEPT_SECONDS = 2
"""How long what was seen is told again."""


@dataclass(frozen=True, slots=True)
class Probe:
    """Looks at something that the service needs: `look` raises what is wrong with it.

    It returns how much waits there, where something does. Without what is not vital the service can
    be sent requests all the same: most are answered.
    """

    name: str
    look: Callable[[], int | None]
    is_vital: bool = True


@dataclass(frozen=True, slots=True)
class Check:
    """What a probe saw, and how long it took."""

    name: str
    status: str
    milliseconds: float
    waiting: int | None


class _Look:
    """One look of all probes: what they saw, or why the service is not ready."""

    def __init__(self) -> None:
        self.is_over = Event()
        self.ended_at = 0.0
        self.vital_seen_at: float | None = None
        self.checks: list[Check] = []
        self.failure: DomainError | None = None


class HealthService:
    """Readiness.

    One look at a time, in a thread of its own: whoever asks meanwhile is told the same, and nobody
    waits longer than `SECONDS`, whatever a probe does. What is vital is looked at first:
    what is not, and takes too long, has failed. The probes look `within` a context, made where
    somebody asks, that bounds how long they wait, too.
    """

    def __init__(
        self,
        *,
        stopping: Stopping,
        probes: Sequence[Probe],
        within: Callable[[], AbstractContextManager[object]],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stopping = stopping
        self._probes = sorted(probes, key=lambda probe: not probe.is_vital)
        self._within = within
        self._timer = timer
        self._lock = Lock()
        self._latest: _Look | None = None

    def checks(self) -> list[Check]:
        """Return what the probes see.

        Raises `ServiceStopping`, the `DomainError` of a vital probe, and `StoreUnavailable` where
        one fails otherwise or sees nothing in time.
        """
        if self._stopping.is_set:
            raise ServiceStopping
        asked_at = ASKED_AT.get()
        if asked_at is None:
            asked_at = self._timer()
        look = self._look_for(asked_at)
        is_over = look.is_over.wait(max(asked_at + SECONDS - self._timer(), 0))
        if look.failure is not None:
            raise copy(look.failure)  # what is raised keeps who raised it
        return look.checks if is_over else self._checks_so_far(look)

    def _checks_so_far(self, look: _Look) -> list[Check]:
        """Return what was seen in time where that is what is vital."""
        now, seen_at = self._timer(), look.vital_seen_at
        if seen_at is None or now - seen_at > KEPT_SECONDS:
            raise StoreUnavailable
        seen = list(look.checks)
        taken = round(1000 * (now - seen_at), 1)
        return seen + [Check(it.name, "failed", taken, None) for it in self._probes[len(seen) :]]

    def _look_for(self, asked_at: float) -> _Look:
        """Return the latest look where it counts, else a new one."""
        with self._lock:
            look = self._latest
            if look is None or not self._counts(look, asked_at):
                look = _Look()
                self._begin(look)
                self._latest = look
            return look

    def _begin(self, look: _Look) -> None:
        thread = Thread(target=self._run, args=(look, self._within()), name="health", daemon=True)
        try:
            thread.start()
        except RuntimeError as error:  # there are as many threads as there may be
            raise StoreUnavailable from error

    def _counts(self, look: _Look, asked_at: float) -> bool:
        """Say whether a look is new enough; of failures only those since somebody asked are."""
        if not look.is_over.is_set():
            return True
        if look.failure is not None:
            return look.ended_at > asked_at
        return self._timer() - look.ended_at <= KEPT_SECONDS

    def _run(self, look: _Look, context: AbstractContextManager[object]) -> None:
        try:
            with context:
                for probe in self._probes:
                    if not probe.is_vital and look.vital_seen_at is None:
                        look.vital_seen_at = self._timer()
                    look.checks.append(self._see(probe))
        except DomainError as error:
            look.failure = copy(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the service is not ready
            _log.error("not ready: %s: %s", type(error).__name__, summary_of(error))
            look.failure = StoreUnavailable()
        finally:
            look.ended_at = self._timer()
            look.is_over.set()

    def _see(self, probe: Probe) -> Check:
        begun, waiting, status = self._timer(), None, "ok"
        try:
            waiting = probe.look()
        except Exception:
            if probe.is_vital:
                raise
            _log.exception("%s cannot be asked", probe.name)
            status = "failed"
        return Check(probe.name, status, round(1000 * (self._timer() - begun), 1), waiting)
