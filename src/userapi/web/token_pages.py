"""Pages for programs of the operator, which have a token that is no user's."""

import hmac
from collections.abc import Callable

from flask import Flask, Response, request

from userapi.kit.errors import TokenInvalid, TokenMissing

Expose = Callable[[], tuple[bytes, str]]
"""A function that returns a page's content and its media type."""


def add_token_page(app: Flask, path: str, expose: Expose, *, token: str) -> None:
    """Serve a page to who sends that bearer token; others get 401."""

    def respond() -> Response:
        authorization = request.headers.get("Authorization")
        if authorization is None:
            raise TokenMissing
        if not has_token(authorization, token):
            raise TokenInvalid
        content, media_type = expose()
        return Response(content, content_type=media_type)

    app.add_url_rule(path, f"token:{path}", respond)


def has_token(authorization: str | None, token: str) -> bool:
    """Say whether an `Authorization` has that token; how long that takes tells nothing of it."""
    sent = (authorization or "").encode("utf-8", "replace")
    return hmac.compare_digest(sent, f"Bearer {token}".encode())
