"""Operations whose body is a file: it is admitted by its head, and kept in a file meanwhile.

`web.worker` has an upload's head answered before it takes anything of its body. All that stands
before the operation is asked as ever, its own checks with it; only where nothing refuses the head
the body is received, within limits of its own, and kept in a file that has no name. Once that is
complete, everything is asked again: who has lost a right in between has lost it.

Under another server a file is a body like any other, and as large as those may be.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from functools import wraps
from io import BytesIO
from typing import Any, BinaryIO, TypeVar, cast

from flask import Flask, Response, g, request

from userapi.kit.principal import Principal
from userapi.kit.uploads import UploadLimits
from userapi.web.admission import routed_operations
from userapi.web.edge import body_of
from userapi.web.errors import UnsupportedCoding, UnsupportedFileType, UploadUnavailable
from userapi.web.operation import Operation, record
from userapi.web.traits import Trait

F = TypeVar("F", bound=Callable[..., Any])

FILE_TYPE = "application/octet-stream"
"""The type of a file that does not tell what it is; the one that every generator can send."""

MAX_FILE = 2**32
"""How large a file is at most; the settings may allow less."""

AWAITS_BODY = "userapi.awaits_body"
"""The name in the environment of whether only the head of an upload has come."""

ADMITTED = "userapi.admitted"
"""The name in the environment under which the application says that the body may come."""

SPOOLED = "userapi.spooled"
"""The name in the environment of the file in which the server has kept the body."""

UPLOADS = "UPLOADS"
"""Where the application's configuration has the limits of uploads, by method and path."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that has come whole, and the type that it was sent with."""

    content: BinaryIO
    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploading(Trait):
    """An operation that takes a file, within these limits."""

    limits: Callable[[], UploadLimits] = field(hash=False)


def init_uploads(app: Flask, *, root_path: str) -> None:
    """Have the server receive the files of `app`; its paths may have that prefix."""
    with app.app_context():
        app.config[UPLOADS] = {
            (method, f"{prefix}{path}"): trait.limits()
            for method, path, operation in routed_operations(app)
            if (trait := operation.find_trait(Uploading)) is not None
            for prefix in ("", root_path)
        }


def upload(
    media_types: Collection[str],
    limits: Callable[[], UploadLimits],
    *,
    example: str,
    admits: Callable[[Principal], None],
) -> Callable[[F], F]:
    """Take a file of one of these types, or of `FILE_TYPE`, as the body.

    `admits` raises what already the head is refused with. The method gets the `Upload`.
    """
    taken = (*media_types, FILE_TYPE)
    schema = {"type": "string", "format": "binary", "minLength": 1, "maxLength": MAX_FILE}
    body = {"required": True, "content": {FILE_TYPE: {"schema": schema, "example": example}}}
    trait = Uploading(name="upload", facts={"requestBody": body}, limits=limits)
    problems = (UnsupportedCoding, UnsupportedFileType, UploadUnavailable)

    def decorate(function: F) -> F:
        @wraps(function)
        def with_upload(*args: Any, **kwargs: Any) -> Any:
            _check_type(taken)
            if request.environ.get(AWAITS_BODY):
                admits(g.principal)
                request.environ[ADMITTED] = True
                return Response(status=204)
            content = request.environ.get(SPOOLED) or BytesIO(body_of(request))
            return function(*args, Upload(content, request.mimetype), **kwargs)

        record(with_upload, Operation(problems=problems, traits=(trait,)))
        return cast("F", with_upload)

    return decorate


def _check_type(taken: Collection[str]) -> None:
    if request.mimetype not in taken:
        raise UnsupportedFileType(taken)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedCoding
