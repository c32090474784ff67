"""The page with every error that an answer can have; the `type` of a problem leads there."""

from userapi.kit.errors import all_domain_errors
from userapi.web.problem_schemas import KNOWN_MISTAKES
from userapi.web.problems import FRAMEWORK_PROBLEMS, status_of
from userapi.web.rendering import render


def render_catalogue() -> str:
    """Return the page."""
    return render("errors.html", errors=_errors(), mistakes=KNOWN_MISTAKES)


def _errors() -> list[dict[str, object]]:
    """Return every error, ordered by code."""
    framework = [
        {"code": code, "status": status, "title": title, "detail": detail}
        for status, (code, title, detail) in FRAMEWORK_PROBLEMS.items()
    ]
    ours = [
        {
            "code": error.code,
            "status": int(status_of(error)),
            "title": error.title,
            "detail": error.detail,
        }
        for error in all_domain_errors()
    ]
    by_code = {str(entry["code"]): entry for entry in (*framework, *ours)}
    return [by_code[code] for code in sorted(by_code)]
