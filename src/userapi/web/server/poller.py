"""The one thread that talks with all clients of a process, without waiting for any of them.

A connection goes from stage to stage. While it is being answered it belongs to the thread that
answers; when that has sent everything, it makes the connection idle again by itself, and the poller
is not troubled. All else is done by the poller.
"""

import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from gunicorn.workers.gthread import PollableMethodQueue
from werkzeug.exceptions import BadRequest

from userapi.kit.errors import DomainError
from userapi.web.errors import RequestTimeout, ServerBusy
from userapi.web.server.answering import Pieces
from userapi.web.server.connection import Connection, Stage, send_now
from userapi.web.server.crowd import Crowd
from userapi.web.server.dispatcher import Dispatcher
from userapi.web.server.reception import Reception
from userapi.web.server.transmission import begin_to_drain, drain, send_rest

_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_PIECE = 16 * 1024  # more at once would let one who sends much hold up others
_RECEIVING = (Stage.IDLE, Stage.HEAD, Stage.BODY)


class Poller:
    """Serves connections with the application and the threads of gunicorn's `worker`."""

    def __init__(self, worker: Any, reception: Reception, crowd: Crowd) -> None:
        self.crowd = crowd
        self._reception = reception
        self._idle_seconds: float = worker.cfg.keepalive
        self._answer_seconds: float = worker.wsgi.config["RESPONSE_TIMEOUT"].total_seconds()
        self._log = worker.log
        self._is_stopping = False
        self.dispatcher = Dispatcher(
            worker,
            self._hand_back,
            lambda connection: self._calls.defer(self._receive_upload, connection),
            connections=crowd.limit,
        )
        self._selector = selectors.DefaultSelector()
        self._calls = PollableMethodQueue()
        self._calls.init()
        self.watch(self._calls, partial(self._calls.run_callbacks, self._calls))

    def watch(self, source: Any, callback: Callable[[], object]) -> None:
        """Have `callback` called whenever there is something to read at `source`."""
        self._selector.register(source, _READ, callback)

    def unwatch(self, source: Any) -> None:
        """Look no longer at `source`."""
        self._selector.unregister(source)

    def poll(self, seconds: float) -> None:
        """Do what there is to do, and wait for it for so long."""
        for key, _ in self._selector.select(seconds):
            key.data()

    def welcome(self, sock: socket.socket, client: Any, server: Any) -> None:
        """Serve a new connection."""
        sock.setblocking(False)
        connection = Connection(sock, client, server)
        connection.enter(Stage.IDLE, self._idle_seconds)
        self.crowd.add(connection)
        self._watch(connection, _READ)
        if self.crowd.is_crowded:
            self.make_way()

    def make_way(self) -> None:
        """Close the connection that has to go first."""
        if connection := self.crowd.longest_waiting():
            self._close(connection, at_once=True)

    def sweep(self) -> None:
        """Give up what has taken too long."""
        now = time.monotonic()
        for connection in self.crowd.waiting():
            if connection.deadline > now:
                continue
            if connection.stage in (Stage.HEAD, Stage.BODY):
                self.dispatcher.refuse(connection, RequestTimeout())
            else:
                self._close(connection, at_once=connection.stage is Stage.SENDING)

    def hurry(self, seconds: float) -> None:
        """Wait no longer than so many seconds for what has not arrived."""
        self._is_stopping = True
        latest = time.monotonic() + seconds
        for connection in self.crowd.waiting():
            if connection.stage in _RECEIVING:
                connection.deadline = min(connection.deadline, latest)

    def _on_ready(self, connection: Connection) -> None:
        try:
            self._step(connection)
        except Exception:  # noqa: BLE001 - a mistake of ours must not end all other connections
            self._log.exception("A connection failed")
            self._close(connection, at_once=True)

    def _step(self, connection: Connection) -> None:
        stage = connection.stage
        if stage in _RECEIVING:
            self._receive(connection)
        elif stage is Stage.ANSWERING:
            self._pause(connection)
        elif stage is Stage.SENDING:
            self._send(connection)
        elif stage is Stage.DRAINING and drain(connection):
            self._close(connection)

    def _receive(self, connection: Connection) -> None:
        try:
            piece = connection.sock.recv(_PIECE)
        except BlockingIOError:
            return
        except OSError:
            self._close(connection)
            return
        connection.received += piece
        connection.ended = not piece
        self._advance(connection)

    def _advance(self, connection: Connection) -> None:
        try:
            is_complete = self._reception.advance(connection)
        except OSError:
            self._close(connection)
        except Exception as error:  # noqa: BLE001 - it is logged and answered
            self.dispatcher.refuse(connection, error)
        else:
            if is_complete:
                self.dispatcher.dispatch(connection, has_room=self._make_room(connection))
            elif connection.ended:
                self._break_off(connection)
            elif not self._make_room(connection):
                self._close(connection, at_once=True)

    def _receive_upload(self, connection: Connection) -> None:
        """Receive the body of an upload whose head was admitted."""
        connection.paused = False
        self._watch(connection, _READ)
        try:
            if self._is_stopping:
                raise ServerBusy
            self._reception.begin_upload(connection)
        except DomainError as error:
            self.dispatcher.refuse(connection, error)
        else:
            self._advance(connection)

    def _break_off(self, connection: Connection) -> None:
        if connection.stage is Stage.BODY:
            self.dispatcher.refuse(connection, BadRequest())
        else:
            self._close(connection)

    def _hand_back(self, connection: Connection, pieces: Pieces) -> None:
        """Send what can be sent at once; the last thing that another thread does."""
        connection.clear_request()
        try:
            connection.unsent = send_now(connection.sock, pieces)
        except OSError:
            connection.keeps, connection.ended = False, True
        more = connection.unsent or connection.received or connection.ended
        if more or not connection.keeps or connection.counted > _PIECE:
            self._calls.defer(self._take_back, connection)
            return
        connection.enter(Stage.IDLE, self._idle_seconds)
        if connection.paused:
            self._calls.defer(self._resume, connection)

    def _take_back(self, connection: Connection) -> None:
        connection.paused = False
        if connection.unsent:
            connection.enter(Stage.SENDING, self._answer_seconds)
            self._watch(connection, _WRITE)
            self._make_room(connection)
        else:
            self.crowd.recount(connection)
            self._go_on(connection)

    def _send(self, connection: Connection) -> None:
        try:
            is_all = send_rest(connection)
        except OSError:
            self._close(connection)
            return
        self.crowd.recount(connection)
        if is_all:
            self._go_on(connection)

    def _go_on(self, connection: Connection) -> None:
        """Begin with the next request, or end the connection, when an answer has been sent."""
        if not connection.keeps and connection.ended:
            self._close(connection)
            return
        self._watch(connection, _READ)
        if not connection.keeps:
            begin_to_drain(connection)
            return
        connection.enter(Stage.IDLE, self._idle_seconds)
        if connection.received or connection.ended:
            self._advance(connection)

    def _pause(self, connection: Connection) -> None:
        """Look away from a client that sends on while its request is being answered."""
        connection.paused = True
        self._watch(connection, 0)
        # The answering thread may have looked before.
        self._resume(connection)

    def _resume(self, connection: Connection) -> None:
        if connection.paused and connection.stage is Stage.IDLE:
            connection.paused = False
            self._watch(connection, _READ)

    def _make_room(self, connection: Connection) -> bool:
        """Close who has to go until what is held is within its limits; say whether it is.

        This connection stays, also where it would have to go itself.
        """
        self.crowd.recount(connection)
        for other in self.crowd.heaviest(connection):
            if other is not connection:
                self._close(other, at_once=True)
        return not self.crowd.is_over_limit(connection.network)

    def _close(self, connection: Connection, *, at_once: bool = False) -> None:
        self._watch(connection, 0)
        connection.close(at_once=at_once)
        self.crowd.discard(connection)

    def _watch(self, connection: Connection, events: int) -> None:
        """Wait for these events of a connection, and for no others."""
        if events == connection.watched:
            return
        if not events:
            self._selector.unregister(connection.sock)
        elif connection.watched:
            self._selector.modify(connection.sock, events, partial(self._on_ready, connection))
        else:
            self._selector.register(connection.sock, events, partial(self._on_ready, connection))
        connection.watched = events
