"""The table in docs/security.md names every class once, and tests that there are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (S[0-9]+) \| (.+) \| (.+) \| (.+) \|$",
    (ROOT / "docs" / "security.md").read_text(encoding="utf-8"),
    re.MULTILINE,
)
"""The rows: class, what it is, tests, result."""
WAITING = {"S20", "S21", "S23", "S26", "S29"}
"""The classes of what is not built yet: second factors and social login."""


def named_tests(cell: str) -> list[tuple[str, str]]:
    """Return the tests that a cell names: the file's path and the function's name."""
    return re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", cell)


def collected_in(path: Path) -> set[str]:
    """Return the tests that pytest collects from a file, those in classes too."""
    if not path.name.startswith("test_") or not path.is_file():
        return set()
    body = ast.parse(path.read_text(encoding="utf-8")).body
    held = [it for group in body if isinstance(group, ast.ClassDef) for it in group.body]
    return {
        it.name
        for it in (*body, *held)
        if isinstance(it, ast.FunctionDef) and it.name.startswith("test_")
    }


def test_every_class_has_one_row() -> None:
    assert [row[0] for row in ROWS] == [f"S{number}" for number in range(1, 107)]


def test_every_test_that_is_named_is_there() -> None:
    missing = [
        f"{path}::{name}"
        for _, _, cell, _ in ROWS
        for path, name in named_tests(cell)
        if name not in collected_in(ROOT / path)
    ]

    assert missing == []


def test_every_test_of_a_class_is_named_in_its_row() -> None:
    named = {(row[0], name) for row in ROWS for _, name in named_tests(row[2])}

    existing = {
        (f"S{int(path.name[6:8])}", name)
        for path in Path(__file__).parent.glob("test_s[0-9]*.py")
        for name in collected_in(path)
    }
    assert existing
    assert existing - named == set()


def test_a_class_that_holds_names_a_test() -> None:
    idle = [row[0] for row in ROWS if row[3].startswith("holds") and not named_tests(row[2])]

    assert idle == []


def test_what_is_not_built_yet_waits() -> None:
    waiting = {row[0] for row in ROWS if row[3].startswith("waits for")}

    assert waiting == WAITING


def test_a_name_that_leads_nowhere_would_be_found() -> None:
    cell = "`tests/security/test_table.py::test_nothing`, `tests/none/test_none.py::test_none`"

    assert [name in collected_in(ROOT / path) for path, name in named_tests(cell)] == [False, False]
