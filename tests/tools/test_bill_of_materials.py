"""The SBOM: every package of the lock, with its hashes and its licence, by CycloneDX's schema."""

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from bill_of_materials.writing import licences_of, main, with_licences

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
AUDIT = ROOT / ".venv-audit" / "bin"
LOCK = (ROOT / "requirements" / "run.txt").read_text(encoding="utf-8")
VALIDATION = """
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(sys.stdin.read())
sys.exit(str(error) if error else 0)
"""


def generated() -> dict[str, Any]:
    return {
        "metadata": {"component": {"bom-ref": "root-component", "name": "userapi"}},
        "components": [
            {
                "bom-ref": "requirements-L3",
                "description": "requirements line 3: flask==3.1.3",
                "name": "flask",
                "purl": "pkg:pypi/flask@3.1.3",
            },
            {"bom-ref": "requirements-L6", "name": "no-such", "purl": "pkg:pypi/no-such@1"},
        ],
        "dependencies": [{"ref": "root-component"}, {"ref": "requirements-L3"}],
    }


def test_components_get_licences_and_names_that_last() -> None:
    document = with_licences(generated(), "1.2.3")

    flask, unknown = document["components"]
    assert flask == {
        "bom-ref": "pkg:pypi/flask@3.1.3",
        "name": "flask",
        "purl": "pkg:pypi/flask@3.1.3",
        "licenses": [{"expression": "BSD-3-Clause"}],
    }
    assert "licenses" not in unknown
    assert document["metadata"]["component"]["version"] == "1.2.3"


def test_the_product_depends_on_all_of_them() -> None:
    assert with_licences(generated(), "1.2.3")["dependencies"] == [
        {"ref": "pkg:pypi/flask@3.1.3"},
        {"ref": "userapi", "dependsOn": ["pkg:pypi/flask@3.1.3", "pkg:pypi/no-such@1"]},
    ]


@pytest.mark.parametrize(
    ("name", "licences"),
    [
        ("psycopg", [{"expression": "LGPL-3.0-only"}]),
        ("bcrypt", [{"license": {"name": "Apache Software License"}}]),
        ("no-such-package", []),
    ],
)
def test_a_licence_is_what_the_package_says(name: str, licences: list[Any]) -> None:
    assert licences_of(name) == licences


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert (AUDIT / "cyclonedx-py").exists(), "run: make .venv-audit/.ready"
    path = tmp_path_factory.mktemp("sbom") / "sbom.json"
    assert main(["--generator", str(AUDIT / "cyclonedx-py"), str(path)]) == 0
    return path


@pytest.mark.system
def test_the_document_is_valid(written: Path) -> None:
    with written.open("rb") as document:
        done = subprocess.run(
            [AUDIT / "python", "-c", VALIDATION],
            stdin=document,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr


@pytest.mark.system
def test_it_has_the_whole_lock_with_hashes(written: Path) -> None:
    components = json.loads(written.read_text("utf-8"))["components"]

    assert {f"{it['name']}=={it['version']}" for it in components} == set(
        re.findall(r"^[\w.-]+(?:\[[^]]*\])?==[\w.]+", LOCK, re.MULTILINE)
    )
    hashes = {one["content"] for it in components for one in it["externalReferences"][0]["hashes"]}
    assert hashes == set(re.findall("sha256:([0-9a-f]{64})", LOCK))
    assert [it["name"] for it in components if "licenses" not in it] == ["async-timeout"]


@pytest.mark.system
def test_it_is_the_same_each_time(written: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.json"
    main(["--generator", str(AUDIT / "cyclonedx-py"), str(again)])
    assert again.read_bytes() == written.read_bytes()
