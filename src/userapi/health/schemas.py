"""Health on the wire."""

from marshmallow import fields

from userapi.web.schemas import OutputSchema


class HealthSchema(OutputSchema):
    """That all is well."""

    status = fields.String(required=True, metadata={"const": "ok"})
