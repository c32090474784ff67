"""What proxies in front of the service tell: a client's address, and the prefix of its paths.

The prefix is the path under which a proxy shows the service, such as `/auth` of `/auth/docs`.
Inside, every path is the service's own; what goes out has the prefix again (`public_path`). It
comes from the settings, or with each request from trusted proxies in `X-Forwarded-Prefix`, or from
the server that mounts the application. A prefix that a client makes up, where a proxy hands it on,
changes only that client's own answer: it never names another host, and no cache may give an answer
that has it to others without asking again.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import Flask, Response, has_request_context, request

from userapi.kit.text import canonical_address, canonical_prefix

if TYPE_CHECKING:
    from collections.abc import Iterable

    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_prefix(app: Flask, *, root_path: str, trusted_proxies: int) -> None:
    """Show `app` under `root_path`; without one, under what that many proxies tell."""
    app.wsgi_app = PrefixedApplication(  # type: ignore[method-assign] # Flask's own way
        app.wsgi_app, root_path=root_path, trusted=trusted_proxies
    )
    # For answers to requests that could not be read, too.
    app.config["APPLICATION_ROOT"] = root_path or "/"
    app.after_request(_show_location)


def public_path(path: str) -> str:
    """Return how clients of the current request reach a path of the service."""
    return f"{current_prefix()}{path}"


def current_prefix() -> str:
    """Return the prefix of the current request, without a slash at its end; empty without one."""
    return quote(request.root_path) if has_request_context() else ""


class TrustedProxies:
    """Puts the client's address into the environment, or none where it is not known.

    Each proxy adds the address that it was called from to the end of `X-Forwarded-For`, so what
    counts is the entry as many places from the end as there are trusted proxies. Whatever stands
    before it, the client may have made up. werkzeug's ProxyFix is not used: it reads quotation
    marks as such, and a client that sends a single one is taken for the proxy.
    """

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


class PrefixedApplication:
    """Puts the prefix into the environment, as WSGI has it, and takes it off the path.

    Proxies may take `root_path` off before they ask, or leave it on.
    """

    def __init__(self, application: WSGIApplication, *, root_path: str, trusted: int) -> None:
        self._application = application
        self._root_path = root_path
        self._trusted = trusted

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer the request."""
        root, path = self._root_path, environ.get("PATH_INFO", "")
        if root:
            environ["SCRIPT_NAME"] = root
            path = path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else path
        else:
            environ["SCRIPT_NAME"] = self._forwarded(environ) + environ.get("SCRIPT_NAME", "")
        # For an empty path the router would send the client to whatever host it named.
        environ["PATH_INFO"] = path or "/"
        return self._application(environ, start_response)

    def _forwarded(self, environ: WSGIEnvironment) -> str:
        """Return what the trusted proxies took off, the outermost first; empty for what is none.

        Each adds its own to the end of the header. What stands before, a client may have made up.
        """
        if not self._trusted:
            return ""
        told = environ.get("HTTP_X_FORWARDED_PREFIX", "").split(",")[-self._trusted :]
        parts = [canonical_prefix(part.strip()) for part in told]
        is_sound = None not in parts
        return (is_sound and canonical_prefix("".join(filter(None, parts)))) or ""


def _show_location(response: Response) -> Response:
    """Add the prefix to a `Location`: kept answers have none, for the next may come without it.

    A redirect has no body: Flask writes the path into it, without the prefix.
    """
    location = response.headers.get("Location", "")
    if location.startswith("/"):
        response.headers["Location"] = public_path(location)
        if HTTPStatus.MULTIPLE_CHOICES <= response.status_code < HTTPStatus.BAD_REQUEST:
            response.set_data(b"")
    return response
