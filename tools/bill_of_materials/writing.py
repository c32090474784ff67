"""tools/write-sbom: the lock file as CycloneDX, with the licences of what is installed.

The lock has the versions and hashes of what runs on any platform; licences stand in the packages.
Two runs with the same lock and packages write the same bytes.
"""

import argparse
import json
import re
import subprocess
from collections.abc import Iterable
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata, version
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[2]
_LOCK = _ROOT / "requirements" / "run.txt"
_MINUTES = 5
_CLASSIFIER = "License :: "


def main(arguments: list[str]) -> int:
    """Write the document into the file that is named."""
    parser = argparse.ArgumentParser(prog="write-sbom")
    parser.add_argument("--generator", required=True, help="where cyclonedx-py is")
    parser.add_argument("output", type=Path)
    given = parser.parse_args(arguments)
    document = with_licences(generated(given.generator), version("userapi"))
    given.output.parent.mkdir(parents=True, exist_ok=True)
    given.output.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return 0


def generated(generator: str) -> dict[str, Any]:
    """Return what cyclonedx-py makes of the lock, checked by it against CycloneDX's schema."""
    done = subprocess.run(  # noqa: S603 - nothing of it comes from outside
        [
            *(generator, "requirements", "--output-reproducible", "--validate"),
            *("--pyproject", str(_ROOT / "pyproject.toml"), str(_LOCK)),
        ],
        stdout=subprocess.PIPE,
        check=True,
        timeout=60 * _MINUTES,
    )
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def with_licences(document: dict[str, Any], product_version: str) -> dict[str, Any]:
    """Return the document with licences, with names of ours, and the product's version."""
    document["metadata"]["component"]["version"] = product_version
    renamed = {"root-component": "userapi"}
    for component in document["components"]:
        renamed[component["bom-ref"]] = component["bom-ref"] = component["purl"]
        # It repeats the line of the lock.
        component.pop("description", None)
        licences = licences_of(component["name"])
        if licences:
            component["licenses"] = licences
    for one in document.get("dependencies", ()):
        one["ref"] = renamed.get(one["ref"], one["ref"])
    document["metadata"]["component"]["bom-ref"] = renamed["root-component"]
    # Ours are what the lock is made of; which of them needs which, the lock does not tell.
    root = {"ref": "userapi", "dependsOn": sorted(it["purl"] for it in document["components"])}
    others = [it for it in document.get("dependencies", ()) if it["ref"] != "userapi"]
    document["dependencies"] = sorted([root, *others], key=lambda it: str(it["ref"]))
    return document


def licences_of(name: str) -> list[dict[str, Any]]:
    """Return the licences of an installed package; none of one for other platforms."""
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return []
    if told["License-Expression"]:
        return [{"expression": told["License-Expression"]}]
    return [{"license": {"name": one}} for one in _names(told)]


def _names(told: PackageMetadata) -> Iterable[str]:
    """Return what a package calls its licences; some put the whole text where the name belongs."""
    classified = [
        one.rpartition(" :: ")[2]
        for one in told.get_all("Classifier", [])
        if one.startswith(_CLASSIFIER)
    ]
    name = told["License"] or ""
    return classified or ([name] if re.fullmatch(r"[^\n]{1,60}", name) else [])
