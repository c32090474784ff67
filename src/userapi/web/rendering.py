"""HTML from templates."""

import re

import jinja2
from markupsafe import Markup, escape


def render(template: str, *, package: str = "userapi.web", **values: object) -> str:
    """Return the page that a template of a package makes of `values`."""
    templates = jinja2.Environment(
        loader=jinja2.PackageLoader(package), autoescape=True, trim_blocks=True
    )
    templates.filters["prose"] = _prose
    return templates.get_template(template).render(**values)


def _prose(text: str) -> Markup:
    """Return `text` as HTML; what it has in backticks becomes code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped
