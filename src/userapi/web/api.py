"""The API object: flask-smorest without its own error and document pages, and the document."""

import json
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from threading import Lock
from typing import Any

import flask_smorest
from apispec.yaml_utils import dict_to_yaml
from flask import Flask
from marshmallow import fields
from werkzeug.routing import UUIDConverter

from userapi.web.admission import init_admission
from userapi.web.blueprint import Blueprint, operations_of
from userapi.web.common_facts import with_common_facts
from userapi.web.configured_fields import bounds_of
from userapi.web.converters import IdConverter, id_schema, uuid_schema
from userapi.web.known_values import KnownString, OpenString
from userapi.web.operation_docs import register_components
from userapi.web.problem_docs import add_known_codes
from userapi.web.shared_responses import share_responses

TITLE = "userapi"
OPENAPI_VERSION = "3.1.0"
_DESCRIPTION = """\
A self-hosted user and authentication API.

Register with `POST /api/v1/users`, log in with `POST /api/v1/auth/login`, and send the access
token with every other request as `Authorization: Bearer <token>`. Every error is an
`application/problem+json` document whose `code` is stable; [/docs/errors](/docs/errors) lists
them all, where the service shows its pages.
"""


class Api(flask_smorest.Api):  # type: ignore[misc] # the library is untyped
    """flask-smorest's Api: errors are answered and documented by `web.problems`.

    The document is put together for the first who asks for it: commands, and most tests, never do.
    """

    DEFAULT_ERROR_RESPONSE_NAME = None

    def __init__(self, app: Flask) -> None:
        self._left: list[Callable[[], None]] = []
        self._one_at_a_time = Lock()
        super().__init__(app)

    def describe_later(self, describe: Callable[[], None]) -> None:
        """Leave what adds to the document until it is read."""
        self._left.append(describe)

    def document(self) -> dict[str, Any]:
        """Return the OpenAPI document, which is everybody's: copy it before you change it."""
        with self._one_at_a_time:
            for describe in self._left:
                describe()
            self._left.clear()
            document: dict[str, Any] = self.spec.to_dict()
        document["tags"] = [tag for tag in document["tags"] if tag["name"] in _tags_in(document)]
        return document

    def _register_error_handlers(self) -> None:
        """Leave the handlers to `web.problems`."""

    def _register_responses(self) -> None:
        """Leave the responses to `web.problem_docs`, whatever names this Python has for them."""

    def _register_etag_headers(self) -> None:
        """Leave out what is not used."""

    def _register_pagination_header(self) -> None:
        """Leave out what is not used."""


def init_api(app: Flask, *blueprints: Blueprint, version: str) -> Api:
    """Register `blueprints` in `app` and return the API with their document."""
    init_admission(app)
    app.url_map.converters["id"] = IdConverter
    app.url_map.merge_slashes = False
    app.config.update(
        API_TITLE=TITLE,
        API_VERSION=version,
        OPENAPI_VERSION=OPENAPI_VERSION,
        API_SPEC_OPTIONS={
            "info": {
                "description": _DESCRIPTION,
                "contact": {"name": "The userapi developers"},
                "license": {"name": "MIT", "identifier": "MIT"},
            },
            "servers": [{"url": "/", "description": "This service"}],
        },
    )
    api = Api(app)
    api.register_converter(IdConverter, id_schema)
    api.register_converter(UUIDConverter, uuid_schema)
    api.ma_plugin.converter.add_attribute_function(_known_values)
    api.ma_plugin.converter.add_attribute_function(bounds_of(app))
    operations = [with_common_facts(app, operation) for operation in operations_of(blueprints)]
    api.describe_later(partial(register_components, api.spec, operations))
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    api.describe_later(partial(add_known_codes, api.spec))
    return api


def _tags_in(document: dict[str, Any]) -> set[str]:
    """Return the tags that operations have: a feature may be shown under another one's."""
    operations = (operation for path in document["paths"].values() for operation in path.values())
    return {tag for it in operations if isinstance(it, dict) for tag in it.get("tags", ())}


def _known_values(_: object, field: fields.Field[Any], **__: object) -> dict[str, Any]:
    """Return what a field tells of its values, which the features bring."""
    return field.in_document() if isinstance(field, KnownString | OpenString) else {}


def document_of(api: Api, prefix: str = "") -> dict[str, Any]:
    """Return the OpenAPI document, a copy.

    `prefix` is the path under which the service is shown, such as `/auth`.
    """
    document = share_responses(deepcopy(api.document()))
    if prefix:
        info = document["info"]
        info["description"] = info["description"].replace("(/docs", f"({prefix}/docs")
        for server in document["servers"]:
            server["url"] = prefix
    return document


def document_as_json(api: Api, prefix: str = "") -> str:
    """Return the OpenAPI document as indented JSON with a closing line break."""
    return json.dumps(document_of(api, prefix), indent=2, ensure_ascii=False) + "\n"


def document_as_yaml(api: Api, prefix: str = "") -> str:
    """Return the OpenAPI document as YAML."""
    return dict_to_yaml(document_of(api, prefix))
