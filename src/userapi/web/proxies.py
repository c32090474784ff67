"""Whose request it is, when proxies stand in front of the service.

Each proxy adds the address that it was called from to the end of `X-Forwarded-For`, so what
counts is the entry as many places from the end as there are trusted proxies. Whatever stands
before it, the client may have made up. werkzeug's ProxyFix is not used: it reads quotation marks
as such, and a client that sends a single one is taken for the proxy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from userapi.kit.addresses import canonical_address

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment
    from flask import Flask


def init_proxies(app: Flask, *, trusted: int) -> None:
    """Let `request.remote_addr` be the client's address, as that many proxies tell it."""
    app.wsgi_app = TrustedProxies(app.wsgi_app, trusted=trusted)  # type: ignore[method-assign] # Flask's own way


class TrustedProxies:
    """Puts the client's address into the environment, or none where it is not known."""

    def __init__(self, application: WSGIApplication, *, trusted: int) -> None:
        self._application = application
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request."""
        address = canonical_address(self._claimed_address(environ))
        if address is None:
            environ.pop("REMOTE_ADDR", None)
        else:
            environ["REMOTE_ADDR"] = address
        return self._application(environ, start_response)

    def _claimed_address(self, environ: WSGIEnvironment) -> str | None:
        """Return what the outermost trusted proxy says; the peer where not all have spoken."""
        peer: str | None = environ.get("REMOTE_ADDR")
        hops = environ.get("HTTP_X_FORWARDED_FOR", "").split(",")
        if not 0 < self._trusted <= len(hops):
            return peer
        hop: str = hops[-self._trusted].strip()
        return hop or peer
