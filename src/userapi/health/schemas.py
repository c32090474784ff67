"""Health on the wire."""

from userapi.web.fields import OpenString
from userapi.web.schemas import OutputSchema


class HealthSchema(OutputSchema):
    """That all is well."""

    example = {"status": "ok"}

    status = OpenString(known=["ok"], required=True)
