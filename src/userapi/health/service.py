"""The state of the service itself."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from userapi.health.errors import ServiceStopping
from userapi.kit.errors import StoreUnavailable
from userapi.kit.shared_flag import Stopping

_log = logging.getLogger(__name__)

SECONDS = 2
"""How long all checks together may take, and how long what they saw is told again."""


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


class HealthService:
    """Readiness.

    One look at a time: others wait for it, and are told the same. `limit` bounds how long the
    database is waited for by what is being done.
    """

    def __init__(
        self,
        *,
        stopping: Stopping,
        probes: Sequence[Probe],
        limit: Callable[[float | None], None],
        timer: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stopping = stopping
        self._probes = probes
        self._limit = limit
        self._timer = timer
        self._looking = Lock()
        self._seen: tuple[float, list[Check]] | None = None
        self._failed: tuple[float, Exception] | None = None

    def checks(self) -> list[Check]:
        """Return what the probes see.

        Raises `ServiceStopping`, what a vital probe raises, and `StoreUnavailable` where others
        look and see nothing in time.
        """
        if self._stopping.is_set:
            raise ServiceStopping
        came = self._timer()
        if not self._looking.acquire(timeout=SECONDS):
            raise StoreUnavailable
        try:
            return self._seen_since(came)
        finally:
            self._looking.release()

    def _seen_since(self, came: float) -> list[Check]:
        """Look, unless somebody has a moment ago; of failures only those since then count."""
        if self._failed is not None and self._failed[0] > came:
            raise self._failed[1]
        if self._seen is None or self._timer() - self._seen[0] > SECONDS:
            self._seen = None
            self._limit(SECONDS)
            try:
                self._seen = self._timer(), [self._look(probe) for probe in self._probes]
            except Exception as error:
                self._failed = self._timer(), error
                raise
            finally:
                self._limit(None)
        return self._seen[1]

    def _look(self, probe: Probe) -> Check:
        begun, waiting, status = self._timer(), None, "ok"
        try:
            waiting = probe.look()
        except Exception:
            if probe.is_vital:
                raise
            _log.exception("%s cannot be asked", probe.name)
            status = "failed"
        return Check(probe.name, status, round(1000 * (self._timer() - begun), 1), waiting)
