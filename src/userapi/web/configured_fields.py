"""Fields whose bounds are settings: every application validates and documents its own."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, current_app
from marshmallow import fields

from userapi.web.fields import StrictString, length_validator


class ConfiguredString(StrictString):
    """Text whose least length is what `app.config` has under `min_length_key`."""

    def __init__(self, *, min_length_key: str, max_length: int, **kwargs: Any) -> None:
        super().__init__(max_length=max_length, **kwargs)
        self._min_length_key = min_length_key
        self._max_length = max_length

    def in_document(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return what the document of the application with that configuration tells."""
        return {"minLength": config[self._min_length_key]}

    def _validate(self, value: Any) -> None:
        length_validator(current_app.config[self._min_length_key], self._max_length)(value)


def bounds_of(app: Flask) -> Callable[..., dict[str, Any]]:
    """Return what tells the bounds of fields in the document of `app`."""

    def in_document(_: object, field: fields.Field[Any], **__: object) -> dict[str, Any]:
        return field.in_document(app.config) if isinstance(field, ConfiguredString) else {}

    return in_document
