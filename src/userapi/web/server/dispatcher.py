"""Which thread answers a request, and what it does."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

from userapi.web.errors import ServerBusy
from userapi.web.server.answering import Pieces, answer, failed_answer
from userapi.web.server.connection import Connection, Stage
from userapi.web.server.lanes import Lane
from userapi.web.server.refusals import Refusal, refusal_for

WAITING_PER_THREAD = 128
"""How many complete requests wait for each thread before further ones are refused.

No more of them wait than three quarters of the connections: where all were being answered, none
could make room for a newcomer.
"""

HandBack = Callable[[Connection, Pieces], None]
"""What is called in the end, with the answer."""


GoAhead = Callable[[Connection], object]
"""What is called instead where the head of an upload is admitted: its body may come."""


class Dispatcher:
    """Has the application of gunicorn's `worker` answer requests in the threads of its settings.

    A thread more answers what touches nothing, and refuses; it never has to wait for the others.
    Another one answers operators, who may ask what waits for a database. There may be so many
    `connections`.
    """

    def __init__(
        self, worker: Any, hand_back: HandBack, go_ahead: GoAhead, *, connections: int
    ) -> None:
        self._worker = worker
        self._hand_back = hand_back
        self._go_ahead = go_ahead
        self._patience: float = worker.wsgi.config["WAITING_TIMEOUT"].total_seconds()
        self._free_paths: frozenset[str] = worker.wsgi.config["PATHS_TOUCHING_NOTHING"]
        self._operator_paths: frozenset[str] = worker.wsgi.config["PATHS_FOR_OPERATORS"]
        self._max_waiting = min(WAITING_PER_THREAD * worker.cfg.threads, connections * 3 // 4)
        self._threads = Lane("answers", worker.cfg.threads, worker.log)
        self._free_thread = Lane("free", 1, worker.log)
        self._operator_thread = Lane("operators", 1, worker.log)

    @property
    def waiting(self) -> int:
        """How many requests no thread has begun."""
        return self._threads.waiting

    def dispatch(self, connection: Connection, *, has_room: bool) -> None:
        """Have a complete request answered; without room it is refused."""
        if connection.request.path in self._free_paths:
            self._put(self._free_thread, connection, None)
        elif connection.request.path in self._operator_paths:
            self._put(self._operator_thread, connection, None)
        elif has_room and not self._is_busy(connection.network):
            self._put(self._threads, connection, None)
        else:
            self.refuse(connection, ServerBusy())

    def refuse(self, connection: Connection, error: Exception) -> None:
        """Have an error answered, and the connection ended."""
        connection.drop_body()
        if connection.request is not None:
            self._put(self._free_thread, connection, refusal_for(error))
            return
        connection.enter(Stage.ANSWERING, 0)
        job = partial(self._answer_unread, connection, error)
        self._free_thread.put(connection.network, job)

    def _is_busy(self, network: str) -> bool:
        """Say whether no more requests of a network can wait; half of the room is for others.

        One always can: however many others wait, they take turns with it.
        """
        waiting, limit = self._threads.waiting, self._max_waiting
        theirs = self._threads.waiting_for(network)
        is_full = waiting >= limit or (2 * waiting >= limit and 2 * theirs >= limit)
        return theirs > 0 and is_full

    def _put(self, lane: Lane, connection: Connection, refusal: Refusal | None) -> None:
        connection.enter(Stage.ANSWERING, 0)
        lane.put(connection.network, partial(self._answer, connection, refusal))

    def _answer(self, connection: Connection, refusal: Refusal | None) -> None:
        pieces, connection.keeps = Pieces(), False
        asks = connection.awaits_admission
        if refusal is None and time.monotonic() - connection.since > self._patience:
            # Whoever waits behind it would wait in vain, too.
            connection.drop_body()
            refusal = refusal_for(ServerBusy())
        try:
            pieces, connection.keeps = answer(self._worker, connection, refusal)
        finally:
            if asks and connection.is_admitted:
                self._go_ahead(connection)
            else:
                self._hand_back(connection, pieces)

    def _answer_unread(self, connection: Connection, error: Exception) -> None:
        pieces, connection.keeps = Pieces(), False
        try:
            pieces = failed_answer(self._worker, connection, error)
        finally:
            self._hand_back(connection, pieces)
