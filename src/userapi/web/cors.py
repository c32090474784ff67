"""CORS: what pages of other origins may send and read."""

from collections.abc import Iterable

from flask import Flask
from flask_cors import CORS

from userapi.web.common_facts import with_common_facts
from userapi.web.edge import REQUEST_ID
from userapi.web.operation import Operation
from userapi.web.problem_docs import RETRY_AFTER

_ONE_HOUR = 60 * 60
_READABLE_ANYWAY = {"Cache-Control"}
"""What browsers let every page read, whether it is named or not."""


def init_cors(app: Flask, *, origins: tuple[str, ...], operations: Iterable[Operation]) -> None:
    """Let pages of these origins call `operations`; `*` stands for all origins."""
    if not origins:
        return
    complete = [with_common_facts(app, operation) for operation in operations]
    traits = [trait for operation in complete for trait in operation.traits]
    sent = {parameter.name for trait in traits for parameter in trait.parameters}
    told = {header.name for trait in traits for header in trait.headers} - _READABLE_ANYWAY
    CORS(
        app,
        origins="*" if "*" in origins else list(origins),
        send_wildcard="*" in origins,
        methods=["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"],
        allow_headers=sorted({"Authorization", "Content-Type", *sent}),
        expose_headers=sorted({RETRY_AFTER.name, REQUEST_ID.name, *told}),
        max_age=_ONE_HOUR,
    )
