"""Clients that ask on and on while something happens to the server."""

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx

from support.processes import client_of

_PAUSE = 0.01


class SteadyClients:
    """Ask for a path, each over a connection that is kept, and count what comes of it."""

    def __init__(self, url: str, path: str, headers: dict[str, str]) -> None:
        self._url, self._path, self._headers = url, path, headers
        self._lock = threading.Lock()
        self._is_over = threading.Event()
        self.outcomes: Counter[str] = Counter()

    @property
    def asked(self) -> int:
        """How often they have asked."""
        with self._lock:
            return self.outcomes.total()

    def stop(self) -> None:
        """Have them ask no more."""
        self._is_over.set()

    def ask(self) -> None:
        """Ask until told to stop."""
        with client_of(self._url, headers=self._headers) as client:
            while not self._is_over.is_set():
                try:
                    outcome = str(client.get(self._path).status_code)
                except httpx.HTTPError as error:
                    outcome = repr(error)
                with self._lock:
                    self.outcomes[outcome] += 1
                time.sleep(_PAUSE)


@contextlib.contextmanager
def asking(
    url: str, path: str, *, clients: int = 4, headers: dict[str, str] | None = None
) -> Iterator[SteadyClients]:
    """Have clients ask for a path until the block ends."""
    steady = SteadyClients(url, path, headers or {})
    threads = [threading.Thread(target=steady.ask) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield steady
    finally:
        steady.stop()
        for thread in threads:
            thread.join()
