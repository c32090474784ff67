"""How a request is received: head, then body, each within its time."""

from collections.abc import Mapping
from dataclasses import dataclass

from gunicorn.config import Config
from werkzeug import exceptions

from userapi.kit.uploads import UploadLimits
from userapi.web.server.bodies import body_of
from userapi.web.server.connection import Connection, Stage
from userapi.web.server.heads import METHODS, end_of_head, parse_head
from userapi.web.server.spools import Spools

_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_EMPTY_LINE = b"\r\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """Makes requests of what arrives; times are in seconds."""

    cfg: Config
    body_limit: int | None
    head_seconds: float
    body_seconds: float
    uploads: Mapping[tuple[str, str], UploadLimits]
    spools: Spools

    def advance(self, connection: Connection) -> bool:
        """Go on with what has arrived; say whether there is a request to answer, or a head.

        Raises what the request is refused with: `connection.request` is None when its head could
        not be read. Raises `OSError` when the connection is of no more use.
        """
        if connection.stage is Stage.IDLE:
            # One empty line before a request is ignored (RFC 9112, section 2.2).
            if connection.received.startswith(_EMPTY_LINE):
                del connection.received[: len(_EMPTY_LINE)]
            if not connection.received:
                return False
            connection.request = None
            connection.searched = 0
            connection.enter(Stage.HEAD, self.head_seconds)
        if connection.stage is Stage.HEAD and not self._take_head(connection):
            return False
        return self._take_body(connection)

    def _take_head(self, connection: Connection) -> bool:
        received = connection.received
        end = end_of_head(received, connection.searched, self.cfg.limit_request_line)
        connection.searched = len(received)
        if end < 0:
            return False
        head = bytes(received[:end])
        del received[:end]
        connection.head_length = end
        connection.requests += 1
        request = parse_head(self.cfg, head, connection.client, connection.requests)
        connection.request = request
        connection.body = None
        if request.method not in METHODS:
            raise exceptions.NotImplemented
        connection.is_admitted = False
        connection.upload = upload = self.uploads.get((request.method, request.path))
        limit = self.body_limit if upload is None else upload.max_bytes
        connection.body = body_of(request, limit)
        connection.enter(Stage.BODY, self.body_seconds)
        return True

    def begin_upload(self, connection: Connection) -> None:
        """Receive the body of an upload that is admitted; raise `UploadUnavailable`."""
        if connection.body is not None and connection.upload is not None:
            connection.body.content = self.spools.open()
            connection.enter(Stage.BODY, connection.upload.timeout.total_seconds())

    def _take_body(self, connection: Connection) -> bool:
        body, request = connection.body, connection.request
        if body is None:
            return False
        if connection.awaits_admission:
            return True
        if body.take(connection.received):
            return True
        if request.awaits_permission:
            request.awaits_permission = False
            if connection.sock.send(_CONTINUE) < len(_CONTINUE):
                raise BrokenPipeError
        return False
