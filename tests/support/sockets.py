"""Requests as bytes, sent over connections of their own."""

import http.client
import json
import socket
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

_SECONDS = 20


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """The first answer that came back."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        """Return what the body says."""
        return json.loads(self.body)


def connection_to(url: str) -> socket.socket:
    """Return a new connection to the server at that URL."""
    address = urlsplit(url)
    return socket.create_connection((str(address.hostname), address.port or 0), _SECONDS)


def connection_from(source: str, url: str) -> socket.socket:
    """Return a new connection to the server at that URL, from that address."""
    address = urlsplit(url)
    server = (str(address.hostname), address.port or 0)
    return socket.create_connection(server, _SECONDS, source_address=(source, 0))


def exchange(url: str, request: bytes) -> bytes:
    """Send `request` and then the connection's end; return all that comes back."""
    return b"".join(_pieces_of_exchange(url, request))


def raw_answer(connection: socket.socket) -> RawAnswer:
    """Read the first answer that a connection brings, and close it."""
    with connection, closing(http.client.HTTPResponse(connection)) as response:
        response.begin()
        return RawAnswer(response.status, response.msg, response.read())


def parsed_answer(message: bytes) -> RawAnswer:
    """Return the answer that a message of HTTP is."""
    client, server = socket.socketpair()
    with server:
        server.sendall(message)
    return raw_answer(client)


def _pieces_of_exchange(url: str, request: bytes) -> Iterator[bytes]:
    with connection_to(url) as connection:
        try:
            connection.sendall(request)
            connection.shutdown(socket.SHUT_WR)
            while piece := connection.recv(65_536):
                yield piece
        except ConnectionError:
            return
