"""What the OpenAPI document says of a feature's operations."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask

from userapi.container import Feature

_JSON = "application/json"
_SCHEMA = re.compile(r"#/components/schemas/(\w+)")


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path; `facts` is what the document says of it."""

    method: str
    path: str
    facts: dict[str, Any]
    document: dict[str, Any]

    def headers(self) -> set[str]:
        """Return the headers of its successful answer."""
        responses = self.facts["responses"]
        return set(responses[min(responses)].get("headers", {}))

    def parameters(self) -> set[str]:
        """Return the names of its parameters, but for those of the path."""
        declared = self.document["components"].get("parameters", {})
        given = self.facts.get("parameters", [])
        return {
            declared[one["$ref"].rpartition("/")[2]]["name"] if "$ref" in one else one["name"]
            for one in given
        }

    def path_parameters(self) -> list[str]:
        """Return the names of the parameters in its path."""
        return re.findall(r"{(\w+)}", self.path)

    def schemas(self) -> set[str]:
        """Return the names of the schemas of its bodies, and of the schemas in these."""
        found: set[str] = set()
        waiting = [
            holder["content"][_JSON]
            for holder in (self.facts.get("requestBody", {}), *self.facts["responses"].values())
            if _JSON in holder.get("content", {})
        ]
        while waiting:
            for name in set(_SCHEMA.findall(str(waiting.pop()))) - found:
                found.add(name)
                waiting.append(self.document["components"]["schemas"][name])
        return found

    def fields(self) -> set[str]:
        """Return the fields that its body may have."""
        media = self.facts.get("requestBody", {}).get("content", {}).get(_JSON)
        if media is None:
            return set()
        (name,) = _SCHEMA.findall(str(media["schema"]))
        return set(self.document["components"]["schemas"][name]["properties"])


def operations_of_feature(
    app: Flask, document: dict[str, Any], feature: Feature
) -> dict[str, Operation]:
    """Return the operations that the feature's blueprint serves, by their names."""
    if feature.blueprint is None:
        return {}
    found = [
        Operation(method, path, document["paths"][path][method.lower()], document)
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith(f"{feature.blueprint.name}.")
        for path in [re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule)]
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    ]
    return {operation.facts["operationId"]: operation for operation in found}
