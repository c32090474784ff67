"""What is asked of the database when metrics are scraped: seldom, and never waited for long."""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Lock, Thread

from userapi.outbox.records import KindBacklog

KEPT_SECONDS = 5
"""How long an answer stands, whoever asks."""

WAITED_SECONDS = 2
"""How long a scrape waits for it."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Findings:
    """Whether the service is ready, and what waits to be done."""

    is_ready: bool
    backlog: Sequence[KindBacklog]


class Probe:
    """Asks in a thread of its own, one question at a time, however many scrape."""

    def __init__(
        self,
        ask: Callable[[], Findings],
        *,
        kept: float = KEPT_SECONDS,
        waited: float = WAITED_SECONDS,
    ) -> None:
        self._ask = ask
        self._kept = kept
        self._waited = waited
        self._lock = Lock()
        self._answered: Event | None = None
        self._findings: Findings | None = None
        self._until = 0.0

    def findings(self) -> Findings | None:
        """Return what was found; None where the database does not answer in time."""
        with self._lock:
            if time.monotonic() < self._until:
                return self._findings
            if self._answered is None:
                self._answered = Event()
                Thread(
                    target=self._run, args=(self._answered,), name="metrics-probe", daemon=True
                ).start()
            answered = self._answered
        return self._findings if answered.wait(self._waited) else None

    def _run(self, answered: Event) -> None:
        findings = None
        try:
            findings = self._ask()
        except Exception as error:  # noqa: BLE001 - the scrape tells that it failed
            _log.warning("the database could not be asked for metrics: %s", type(error).__name__)
        with self._lock:
            self._findings, self._answered = findings, None
            self._until = time.monotonic() + self._kept
        answered.set()
