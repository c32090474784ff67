"""What can go wrong before a request reaches a service.

DomainError
├── MalformedBody          the body is not JSON
├── RequestTimeout         the request did not arrive in time
├── BodyTooLarge           the body is larger than the limit
├── UriTooLong             the path and the query are longer than the server reads
├── HeadersTooLarge        the headers are more or longer than the server reads
├── ServerBusy             too many requests wait to be answered
├── UnsupportedMediaType   the body is not declared as JSON
├── UnsupportedCoding      the body is compressed, or otherwise coded
├── UnsupportedFileType    a file is not declared as one that the operation takes
├── UploadUnavailable      there is no room for a file at the moment
└── PathNotFound           no operation has this path
"""

from collections.abc import Collection

from userapi.kit.errors import DomainError, Kind

PROBLEM_TYPE = "application/problem+json"
"""The media type of every answer that is an error."""


class MalformedBody(DomainError):
    """The body is not JSON."""

    kind = Kind.INVALID
    code = "malformed-body"
    title = "Malformed JSON"
    detail = (
        "The body must be one JSON document in UTF-8, without duplicate keys, NaN or Infinity, "
        "and without extreme nesting or numbers."
    )


class RequestTimeout(DomainError):
    """The head or the body did not arrive in time; see `web.worker`."""

    kind = Kind.TIMED_OUT
    code = "request-timeout"
    title = "Request timed out"
    detail = "The request did not arrive in time; send it again."


class BodyTooLarge(DomainError):
    """The body is larger than the limit."""

    kind = Kind.TOO_LARGE
    code = "body-too-large"
    title = "Request body too large"
    detail = "The body exceeds this service's limit."


class UriTooLong(DomainError):
    """The path and the query are longer than the server reads; see `web.worker`."""

    kind = Kind.URI_TOO_LONG
    code = "uri-too-long"
    title = "URI too long"
    detail = "The path and the query are too long; send shorter ones."


class HeadersTooLarge(DomainError):
    """The headers are more or longer than the server reads; see `web.worker`."""

    kind = Kind.HEADERS_TOO_LARGE
    code = "headers-too-large"
    title = "Request headers too large"
    detail = "Send fewer or shorter headers."


class ServerBusy(DomainError):
    """Too many requests wait to be answered; see `web.worker`."""

    kind = Kind.UNAVAILABLE
    code = "server-busy"
    title = "Server busy"
    detail = "Too many requests are waiting to be answered; try again shortly."


class UnsupportedMediaType(DomainError):
    """The body is not declared as JSON."""

    kind = Kind.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-media-type"
    title = "Unsupported media type"
    detail = "Send the body with `Content-Type: application/json`."


class UnsupportedCoding(DomainError):
    """The body is compressed, or otherwise coded."""

    kind = Kind.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-coding"
    title = "Unsupported content coding"
    detail = "Send the body as it is, without `Content-Encoding`."


class UnsupportedFileType(DomainError):
    """A file is not declared as one that the operation takes: one of these media types."""

    kind = Kind.UNSUPPORTED_MEDIA_TYPE
    code = "unsupported-file-type"
    title = "Unsupported type of file"
    detail = "Send the file as the body, with one of the `Content-Type`s that `Accept` lists."

    def __init__(self, media_types: Collection[str]) -> None:
        super().__init__()
        self.media_types = media_types


class UploadUnavailable(DomainError):
    """There is no room for a file at the moment; see `web.server.spools`."""

    kind = Kind.UNAVAILABLE
    code = "upload-unavailable"
    title = "Upload not possible now"
    detail = "Too many files are being uploaded, or there is no room for this one; try again later."


class PathNotFound(DomainError):
    """No operation has this path; an id in it may be out of range."""

    kind = Kind.NOT_FOUND
    code = "path-not-found"
    title = "Not found"
    detail = "No operation has this path, or an id in it is malformed."
