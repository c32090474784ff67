"""The bodies of requests: each is read whole, up to the limit, before anything else is asked.

Who looks the caller up first and reads then lets a client hold back the last byte until its
rights have ended, and use them all the same. And where a body ends whose length is not declared
is known only once it has been read: an answer that is given before leaves the server to find out
afterwards that the body was malformed, and to say so in a second answer, which a proxy in between
takes for that to somebody's next request. How long a body may take is for `web.worker` to watch.
"""

from flask import Flask, Request, request
from werkzeug.exceptions import BadRequest, HTTPException

from userapi.kit.errors import DomainError
from userapi.web.errors import BodyTooLarge


def init_bodies(app: Flask) -> None:
    """Read every body, or refuse it, before limits are counted and callers are looked up."""
    app.before_request(_refuse_large_body)
    app.before_request(_read_body)


def body_of(req: Request) -> bytes:
    """Return the body.

    Raises `BodyTooLarge`, `RequestTimeout`, or `BadRequest` when it cannot be read to its end.
    """
    try:
        body = req.get_data()
        # A body of undeclared length is cut at the limit without a word: look for what follows.
        is_full = req.content_length is None and len(body) == req.max_content_length
        is_cut = is_full and bool(req.environ["wsgi.input"].read(1))
    except (HTTPException, DomainError):
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


def _read_body() -> None:
    body_of(request)
