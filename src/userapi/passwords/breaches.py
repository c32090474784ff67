"""Whether a password is known from data breaches, asked of a service that does not learn it.

The range protocol of Have I Been Pwned: the service is told five of forty digits of the password's
SHA-1 and answers with the rest of all digests that begin so, among others that are made up.
"""

import hashlib
import logging
import re
import socket
from contextlib import suppress
from datetime import timedelta
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from queue import Empty, SimpleQueue
from threading import BoundedSemaphore, Thread
from urllib.parse import SplitResult, urlsplit

from userapi.kit.tracing import trace_headers

ANSWER_TIMEOUT = timedelta(seconds=2)
"""After how long in all a password is taken without an answer."""

_PREFIX_LENGTH = 5
_MAX_QUERIES = 4
_MAX_BYTES = 1_000_000
_LINE = re.compile(r"([0-9A-F]{35}):0*([0-9]{1,15})")
_HEADERS = {"Add-Padding": "true", "User-Agent": "userapi", "Connection": "close"}
_log = logging.getLogger(__name__)


class BreachRanges:
    """Asks the service at a URL, to which the five digits are added.

    It waits for `timeout` at most, and for a few answers at once: whoever is not answered is told
    that the password is not known, and the log says so.
    """

    def __init__(self, *, url: str, timeout: timedelta = ANSWER_TIMEOUT) -> None:
        self._url = urlsplit(url)
        self._timeout = timeout.total_seconds()
        self._places = BoundedSemaphore(_MAX_QUERIES)

    def is_breached(self, password: str) -> bool:
        """Say whether the service knows that password; False where it does not answer."""
        digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
        prefix, suffix = digest[:_PREFIX_LENGTH], digest[_PREFIX_LENGTH:]
        try:
            return suffix in known_suffixes(self._ask(prefix))
        except (OSError, HTTPException, ValueError) as error:
            # Nothing of the error but its name: its text may hold what the service sent.
            _log.warning("A password was not checked for breaches: %s", type(error).__name__)
            return False

    def ensure_answers(self) -> None:
        """Raise `OSError`, `HTTPException` or `ValueError` where the service does not answer."""
        known_suffixes(self._ask("0" * _PREFIX_LENGTH))

    def _ask(self, prefix: str) -> bytes:
        if not self._places.acquire(blocking=False):
            raise TimeoutError
        query = _Query(self._url, prefix, self._timeout, self._places)
        try:
            query.start()
        except RuntimeError:  # the process may start no more threads
            self._places.release()
            raise TimeoutError from None
        return query.wait()


class _Query(Thread):
    """One query, in a thread of its own: names are resolved without any timeout."""

    def __init__(
        self, url: SplitResult, prefix: str, timeout: float, places: BoundedSemaphore
    ) -> None:
        super().__init__(name="breach check", daemon=True)
        connect = HTTPSConnection if url.scheme == "https" else HTTPConnection
        self._connection = connect(url.hostname or "", url.port, timeout=timeout)
        self._path = url.path + prefix
        self._headers = _HEADERS | trace_headers()  # here: the thread is of no request
        self._timeout = timeout
        self._places = places
        self._outcome: SimpleQueue[bytes | Exception] = SimpleQueue()
        self._connected: socket.socket | None = None  # http.client forgets it with the last header
        self._is_late = False

    def run(self) -> None:
        try:
            self._outcome.put(self._answer())
        except Exception as error:  # noqa: BLE001 - raised where it is waited for
            self._outcome.put(error)
        finally:
            self._connection.close()
            self._places.release()

    def wait(self) -> bytes:
        """Return the answer; raise what went wrong, `TimeoutError` among it."""
        try:
            outcome = self._outcome.get(timeout=self._timeout)
        except Empty:
            self._give_up()
            raise TimeoutError from None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _answer(self) -> bytes:
        self._connection.connect()
        self._connected = self._connection.sock
        if self._is_late:
            raise TimeoutError
        self._connection.request("GET", self._path, headers=self._headers)
        with self._connection.getresponse() as response:
            body = response.read(_MAX_BYTES + 1)
        if response.status != HTTPStatus.OK or len(body) > _MAX_BYTES:
            raise HTTPException
        return body

    def _give_up(self) -> None:
        """Wake the thread up, which a server could hold by sending a byte now and then."""
        self._is_late = True
        if self._connected is not None:
            with suppress(OSError):
                # Not the method of a TLS socket, which is not made for another thread.
                socket.socket.shutdown(self._connected, socket.SHUT_RDWR)


def known_suffixes(answer: bytes) -> frozenset[str]:
    """Return the digests of an answer that were found; raise `ValueError` for anything else.

    Those that were found 0 times are made up, so that all answers are of one length.
    """
    lines = [_LINE.fullmatch(line.strip()) for line in answer.decode("ascii").upper().splitlines()]
    if not all(lines):
        raise ValueError
    return frozenset(line[1] for line in lines if line and line[2] != "0")
