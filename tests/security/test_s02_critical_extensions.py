"""S2: a token that names an extension as critical is accepted by who does not know it.

As in CVE-2026-32597 and CVE-2025-59420.
"""

import tomllib
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from support.paths import ME, REFRESH
from support.tokens import claims_of
from web.forger import Forger, ask, assert_refused

pytestmark = pytest.mark.any_database

PYPROJECT = Path(__file__).parents[2] / "pyproject.toml"


@pytest.mark.parametrize("critical", [["x"], ["exp"], ["b64"], [], "x", None, {"x": 1}])
@pytest.mark.parametrize("kind", ["access", "refresh"])
def test_s02_a_critical_extension_is_refused(
    client: FlaskClient, forger: Forger, kind: str, critical: object
) -> None:
    token, path = (forger.access, ME) if kind == "access" else (forger.refresh, REFRESH)
    header = forger.header | {"typ": "at+jwt" if kind == "access" else "rt+jwt"}

    forged = forger.sign(header | {"crit": critical, "x": 1, "b64": True}, claims_of(token))

    assert_refused(ask(client, f"Bearer {forged}", path), "token-invalid")


def test_s02_no_library_that_ignores_them_is_installed() -> None:
    dependencies = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]

    (floor,) = [it.removeprefix("pyjwt>=") for it in dependencies if it.startswith("pyjwt")]
    assert tuple(int(part) for part in floor.split(".")) >= (2, 12)
