"""The API object: flask-smorest without its own error and document pages, and the document."""

import json
from typing import Any

import flask_smorest
from apispec.yaml_utils import dict_to_yaml
from flask import Flask
from marshmallow import fields

from userapi.web.admission import init_admission
from userapi.web.blueprint import Blueprint, operations_of
from userapi.web.converters import IdConverter
from userapi.web.known_values import KnownString, OpenString
from userapi.web.operation_docs import register_components
from userapi.web.problem_docs import tell_known_codes

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
    """flask-smorest's Api: errors are answered and documented by `web.problems`."""

    DEFAULT_ERROR_RESPONSE_NAME = None

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
    app.json.sort_keys = False  # type: ignore[attr-defined] # the default provider has it
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
    api.ma_plugin.converter.add_attribute_function(_known_values)
    register_components(api.spec, operations_of(blueprints))
    for blueprint in blueprints:
        api.register_blueprint(blueprint)
    tell_known_codes(api.spec)
    return api


def _known_values(_: object, field: fields.Field[Any], **__: object) -> dict[str, Any]:
    """Return what a field tells of its values, which the features bring."""
    return field.in_document() if isinstance(field, KnownString | OpenString) else {}


def document_as_json(api: Api, prefix: str = "") -> str:
    """Return the OpenAPI document as indented JSON with a closing line break.

    `prefix` is the path under which the service is shown, such as `/auth`.
    """
    return json.dumps(_document_under(prefix, api), indent=2, ensure_ascii=False) + "\n"


def document_as_yaml(api: Api, prefix: str = "") -> str:
    """Return the OpenAPI document as YAML, with the same `prefix`."""
    document: Any = dict_to_yaml(_document_under(prefix, api))
    return str(document)


def _document_under(prefix: str, api: Api) -> dict[str, Any]:
    document: dict[str, Any] = api.spec.to_dict()
    if not prefix:
        return document
    description = document["info"]["description"].replace("(/docs", f"({prefix}/docs")
    return {
        **document,
        "info": {**document["info"], "description": description},
        "servers": [{**server, "url": prefix} for server in document["servers"]],
    }
