"""Every kind of answer that a test gets is linted as HTTP, by `httplint`."""

import re
from collections.abc import Iterable, Iterator
from email.utils import formatdate
from typing import Any, ClassVar

from flask.testing import FlaskClient
from httplint import HttpRequestLinter, HttpResponseLinter
from httplint.note import Note, levels
from werkzeug.test import TestResponse

from support.canaries import SECRET
from support.sockets import RawAnswer

_FOR_TESTS = "/failing"
"""Where the paths begin at which tests have the service answer what it never would."""
_FINE = {
    # Tests ask for what is refused.
    "The server didn't understand the request.",
    "The server won't accept a URI this long .",
    # It is: requests for the JWKS may come with a token, which would keep caches from storing it.
    "Cache-Control: public is probably not necessary.",
    # RFC 9110 has 415 tell what would have been taken (15.5.16).
    '"Accept" isn\'t valid in a response.',
    '"Accept-Encoding" isn\'t valid in a response.',
}
"""What the library says, and is wrong here."""
_Kind = tuple[str, ...]


class LintingClient(FlaskClient):
    """A client that fails the test when the service answers what is no good HTTP.

    Of each kind one answer is looked at: of a method, path, status, type and set of headers.
    """

    _seen: ClassVar[set[_Kind]] = set()

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request; return its answer."""
        answer = super().open(*args, **kwargs)
        if answer.status_code >= 400:
            assert SECRET.search(answer.text) is None, answer.text
        kind = _kind_of(answer)
        if kind not in self._seen and _is_of_the_service(answer):
            faults = list(faults_of(answer))
            assert faults == [], f"{kind}: {faults}"
            self._seen.add(kind)
        return answer


def faults_of(answer: TestResponse) -> Iterator[str]:
    """Yield what is wrong with an answer, or unwise, in sentences."""
    request = HttpRequestLinter()
    path = answer.request.path.encode("utf-8", "replace")
    request.process_request_topline(answer.request.method.encode(), path, b"HTTP/1.1")
    request.process_headers(_as_bytes(answer.request.headers.items()))
    linter = HttpResponseLinter(_related=request)
    linter.is_head_response = answer.request.method == "HEAD"
    # The server adds the time, in place of any other.
    headers = [it for it in answer.headers.items() if it[0].lower() != "date"]
    raw = (answer.status_code, [("Date", formatdate(usegmt=True)), *headers], answer.data)
    return _faults_in(linter, *raw)


def faults_of_raw(answer: RawAnswer) -> Iterator[str]:
    """Yield what is wrong with an answer of a real server to a request that is not known."""
    return _faults_in(HttpResponseLinter(), answer.status, answer.headers.items(), answer.body)


def _faults_in(
    linter: HttpResponseLinter, status: int, headers: Iterable[tuple[str, str]], content: bytes
) -> Iterator[str]:
    linter.process_response_topline(b"HTTP/1.1", str(status).encode(), b"")
    linter.process_headers(_as_bytes(headers))
    linter.feed_content(content)
    linter.finish_content(complete=True)
    for note in _all_of(linter.notes):
        if note.level in (levels.BAD, levels.WARN) and note.summary not in _FINE:
            yield note.summary


def _all_of(notes: Iterable[Note]) -> Iterator[Note]:
    for note in notes:
        yield note
        yield from _all_of(note.subnotes)


def _kind_of(answer: TestResponse) -> _Kind:
    path = re.sub("[0-9]+", "1", answer.request.path)[:100]
    names = sorted(name.lower() for name, _ in answer.headers)
    return (answer.request.method, path, str(answer.status_code), str(answer.content_type), *names)


def _is_of_the_service(answer: TestResponse) -> bool:
    return "X-Request-Id" in answer.headers and not answer.request.path.startswith(_FOR_TESTS)


def _as_bytes(headers: Iterable[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    return [
        (name.encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in headers
    ]
