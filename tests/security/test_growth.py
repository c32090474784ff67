"""docs/security.md names every table, with what bounds it and what empties it."""

import re
from pathlib import Path

from userapi.features import FEATURES

PAGE = Path(__file__).parents[2] / "docs" / "security.md"


def rows() -> list[tuple[str, list[str]]]:
    """Return each table that the page names, with what it says of it."""
    _, _, section = PAGE.read_text(encoding="utf-8").partition("\n## What can grow\n")
    found = re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)
    return [(table, said.split(" | ")) for table, said in found]


def test_every_table_is_named_with_what_bounds_and_empties_it() -> None:
    tables = [table for feature in FEATURES for table in feature.tables()]

    assert sorted(table for table, _ in rows()) == sorted(tables), (
        "name the table in docs/security.md, under What can grow: who makes it grow, what bounds "
        "it, and what empties it"
    )
    assert [table for table, said in rows() if len(said) != 3 or not all(said)] == []


def test_every_variable_that_bounds_one_is_there() -> None:
    configuration = (PAGE.parent / "configuration.md").read_text(encoding="utf-8")
    named = {name for _, said in rows() for name in re.findall(r"`([A-Z_]+)`", " ".join(said))}

    assert named
    assert [name for name in named if f"`{name}`" not in configuration] == []
