"""What callers rely on and oasdiff does not judge: servers, credentials, codes of errors."""

from collections.abc import Iterator
from typing import Any

_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
_PROBLEM = "application/problem+json"
_EVERYWHERE = "everywhere"


def promises(document: dict[str, Any]) -> dict[str, set[str]]:
    """Return what a document promises, by operation; all of it has to be kept."""
    found = {_EVERYWHERE: {f"the server `{server['url']}`" for server in document["servers"]}}
    for path, item in document["paths"].items():
        for method in item.keys() & _METHODS:
            operation = item[method]
            found[f"{method.upper()} {path}"] = {
                *_credentials(document, operation),
                *_codes(document, operation),
            }
    return found


def _credentials(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    """Yield each way to be let in; where none is needed, any will do."""
    requirements = operation.get("security", document.get("security", []))
    schemes = document["components"].get("securitySchemes", {})
    if not requirements or {} in requirements:
        yield "access without credentials"
        requirements = [{name: []} for name in schemes]
    for requirement in requirements:
        names = (f"`{name}` ({_kind(schemes[name])})" for name in sorted(requirement))
        yield f"access with {' and '.join(names)}"


def _kind(scheme: dict[str, Any]) -> str:
    facts = (scheme.get(fact) for fact in ("type", "scheme", "in", "name"))
    return " ".join(fact for fact in facts if fact)


def _codes(document: dict[str, Any], operation: dict[str, Any]) -> Iterator[str]:
    """Yield each error that the operation declares; its examples are named by their codes."""
    shared = document["components"].get("responses", {})
    for status, told in operation["responses"].items():
        response = shared[told["$ref"].rpartition("/")[2]] if "$ref" in told else told
        for code in response.get("content", {}).get(_PROBLEM, {}).get("examples", {}):
            yield f"the error {status} `{code}`"
