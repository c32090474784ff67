"""docs/http.md names tests that there are."""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "http.md").read_text("utf-8")
SEMANTICS = "tests/web/test_http_semantics.py"


def functions_in(path: str) -> set[str]:
    body = ast.parse((ROOT / path).read_text("utf-8")).body
    return {it.name for it in body if isinstance(it, ast.FunctionDef)}


def named() -> set[tuple[str, str]]:
    """Return the tests that the page names, each with its file."""
    elsewhere = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    return {*elsewhere, *((SEMANTICS, name) for name in re.findall(r"`(test_\w+)`", PAGE))}


def test_every_test_of_the_page_is_there() -> None:
    assert [(path, name) for path, name in named() if name not in functions_in(path)] == []


def test_every_file_of_the_page_is_there() -> None:
    files = re.findall(r"`(tests/[\w/]+\.py)", PAGE)

    assert [path for path in files if not (ROOT / path).is_file()] == []


def test_every_test_of_the_letter_is_on_the_page() -> None:
    tests = {name for name in functions_in(SEMANTICS) if name.startswith("test_")}

    assert tests - {name for path, name in named() if path == SEMANTICS} == set()
