"""Pages for nobody but who sits at this machine: what they show lets others in."""

from collections.abc import Callable

from flask import Flask, Response, request
from werkzeug.exceptions import NotFound

from userapi.kit.networks import is_loopback
from userapi.web.pages import PAGE_POLICY

Render = Callable[[], str]
"""A function that returns a page's HTML."""


def add_local_page(app: Flask, path: str, render: Render) -> None:
    """Serve a page to who asks this machine for it by a name that only this machine has.

    A web site that resolves its own name to this machine reads nothing, and neither does a page of
    another origin: everybody else gets 404.
    """

    def respond() -> Response:
        if not is_loopback(_host_asked_for()) or "Origin" in request.headers:
            raise NotFound
        response = Response(render(), content_type="text/html; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        return response

    app.add_url_rule(path, f"local:{path}", respond)


def _host_asked_for() -> str:
    """Return the name in the request's `Host`, without its port and brackets."""
    name, colon, port = request.host.rpartition(":")
    return (name if colon and port.isdigit() else request.host).strip("[]")
