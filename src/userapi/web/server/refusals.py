"""What is answered to requests that cannot be served, in the application's own words."""

from http import HTTPStatus
from typing import Any

from flask import Flask, Response
from gunicorn import util
from gunicorn.http import errors
from werkzeug import exceptions

from userapi.kit.errors import DomainError
from userapi.web.edge import name_request, request_id
from userapi.web.errors import HeadersTooLarge, UriTooLong
from userapi.web.log_lines import FACTS

Refusal = DomainError | exceptions.HTTPException

# The first that fits counts.
_REFUSALS: tuple[tuple[type[Exception], type[Refusal]], ...] = (
    (errors.LimitRequestLine, UriTooLong),
    (errors.LimitRequestHeaders, HeadersTooLarge),
    (errors.UnsupportedTransferCoding, exceptions.NotImplemented),
    (errors.ExpectationFailed, exceptions.ExpectationFailed),
    (errors.ConfigurationProblem, exceptions.InternalServerError),
    (errors.InvalidResponseHeader, exceptions.InternalServerError),
    (errors.InvalidResponseHeaderName, exceptions.InternalServerError),
    (errors.ParseException, exceptions.BadRequest),
    (Exception, exceptions.InternalServerError),
)


def refusal_for(error: Exception) -> Refusal:
    """Return what is answered for an error."""
    if isinstance(error, Refusal):
        return error
    # A version that is one, but not ours, comes as a pair of numbers.
    if isinstance(error, errors.InvalidHTTPVersion) and isinstance(error.version, tuple):
        return exceptions.HTTPVersionNotSupported()
    return next(refusal for cause, refusal in _REFUSALS if isinstance(error, cause))()


def unread_answer(app: Flask, log: Any, client: Any, error: Exception) -> bytes:
    """Return, and log, what `app` answers to a request that it never gets to see.

    It is a whole HTTP message, after which the connection ends.
    """
    response, name = _answer_of(app, refusal_for(error))
    # What the request says may hold secrets: only the kind of mistake is logged.
    mistake = type(error).__name__
    of_request = {FACTS: {"request_id": name}}
    if response.status_code == HTTPStatus.INTERNAL_SERVER_ERROR:
        log.error("Request failed: %s", mistake, exc_info=error, extra=of_request)
    else:
        address = client[0] if isinstance(client, tuple) else "-"
        log.warning("Request from %s refused: %s", address, mistake, extra=of_request)
    return _as_bytes(response)


def _answer_of(app: Flask, refusal: Refusal) -> tuple[Response, str]:
    """Return how `app` answers a refusal of a request that is not known, and the request's name."""
    with app.test_request_context():
        name_request()
        response = app.make_response(app.handle_user_exception(refusal))
        return app.process_response(response), request_id() or ""


def _as_bytes(response: Response) -> bytes:
    response.headers.update({"Date": util.http_date(), "Connection": "close"})
    head = f"HTTP/1.1 {response.status}\r\n{response.headers}"
    return head.encode("latin-1") + response.get_data()
