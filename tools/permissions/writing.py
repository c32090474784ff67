"""tools/write-permissions: bring the table in docs/permissions.md up to date."""

import json
from pathlib import Path

from permissions.table import with_table

_ROOT = Path(__file__).parents[2]
PAGE = _ROOT / "docs" / "permissions.md"
_DOCUMENT = _ROOT / "openapi" / "openapi.json"


def main() -> int:
    """Write the table of openapi/openapi.json into the page."""
    document = json.loads(_DOCUMENT.read_text(encoding="utf-8"))
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), document), encoding="utf-8")
    return 0
