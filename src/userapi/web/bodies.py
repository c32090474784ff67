"""The bodies of requests: read up to the limit, and before the answer where that must be.

Where a body ends whose length is not declared is known only once it has been read. An answer
that is given before leaves the server to find out afterwards that the body was malformed, and
to say so in a second answer, which a proxy in between takes for that to somebody's next request.
"""

from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest, HTTPException

from userapi.web.errors import BodyTooLarge


def init_bodies(app: Flask) -> None:
    """Refuse bodies that are too large or malformed before anything else is asked."""
    app.before_request(_refuse_large_body)
    app.before_request(_read_undeclared_body)


def body_of(req: Request) -> bytes:
    """Return the body; raise `BodyTooLarge`, or `BadRequest` when it cannot be read to its end."""
    try:
        body = req.get_data()
        # A body of undeclared length is cut at the limit without a word: look for what follows.
        is_full = req.content_length is None and len(body) == req.max_content_length
        is_cut = is_full and bool(req.environ["wsgi.input"].read(1))
    except HTTPException:
        raise
    except Exception as error:
        # Each server has exceptions of its own for chunks that are none.
        raise BadRequest from error
    if is_cut:
        raise BodyTooLarge
    return body


def _refuse_large_body() -> None:
    """Refuse a body by its declared length, also where nobody would read it."""
    limit = request.max_content_length
    if limit is not None and (request.content_length or 0) > limit:
        raise BodyTooLarge


def _read_undeclared_body() -> None:
    if request.content_length is None:
        body_of(request)
