"""A crowd of people who ask on and on, and give way to newcomers."""

import contextlib
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from benchmarks.rollout.asking import Client, Tally, Unanswered
from benchmarks.rollout.people import Person

_TURNS = 14
"""How long somebody stays; the session is left open, and looked for at the end."""


class Crowd:
    """So many people at a time, who ask so often in a second all together."""

    def __init__(self, url: str, tally: Tally, *, size: int, rate: float) -> None:
        self._url, self._tally = url, tally
        self._pause = size / rate
        self._is_over = threading.Event()
        self._size = size
        self._asking: list[Future[None]] = []
        self.people: list[Person] = []

    @contextlib.contextmanager
    def asking(self) -> Iterator[None]:
        """Have them ask until the block ends; what was wrong with the asking itself is raised."""
        with ThreadPoolExecutor(self._size) as threads:
            self._asking = [threads.submit(self._ask) for _ in range(self._size)]
            try:
                yield
            finally:
                self._is_over.set()
        for asking in self._asking:
            asking.result()

    @property
    def has_stopped(self) -> bool:
        """Whether somebody does not ask any more."""
        return any(asking.done() for asking in self._asking)

    def check(self) -> None:
        """Look whether all that was acknowledged to anybody is so."""
        client = Client(self._url, self._tally)
        for person in self.people:
            person.client = client
            # Who was told nothing at registration has nothing to look for.
            if person.device is not None:
                with contextlib.suppress(Unanswered):
                    person.check()
        client.close()

    def _ask(self) -> None:
        client = Client(self._url, self._tally, pause=self._pause)
        while not self._is_over.is_set():
            person = Person(client)
            self.people.append(person)
            with contextlib.suppress(Unanswered):
                person.register()
                while person.turns < _TURNS and not self._is_over.is_set():
                    person.take_turn()
        client.close()
