"""Health on the wire."""

from userapi.web.known_values import OpenString
from userapi.web.output import OutputSchema


class HealthSchema(OutputSchema):
    """That all is well."""

    example = {"status": "ok"}

    status = OpenString(known=["ok"], required=True)
