"""The documents lead to each other: no link is dead, and no page is out of reach."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.any_database

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
FOLDERS = ("docs", "examples", "benchmarks", ".github")
PAGES = sorted(
    [*ROOT.glob("*.md"), *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md"))]
)
CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.DOTALL | re.MULTILINE)


def links_in(page: Path) -> list[str]:
    """Return the relative links of a page; what stands in code is none."""
    text = CODE.sub("", page.read_text("utf-8"))
    return re.findall(r"\]\((?!https?:|mailto:|/)([^)\s]+)\)", text)


def anchors_in(page: Path) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def is_dead(page: Path, link: str) -> bool:
    """Whether a page's link leads to no file, or to no heading of its file."""
    name, _, anchor = link.partition("#")
    goal = page.parent / name if name else page
    return not goal.exists() or (anchor != "" and anchor not in anchors_in(goal))


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in PAGES
        for link in links_in(page)
        if is_dead(page, link)
    ]

    assert dead == []


def test_links_to_missing_files_and_headings_are_dead(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# What is `new`?\n[a](#what-is-new) [b](#old) [c](gone.md) `[d](e.md)`\n")

    assert [link for link in links_in(page) if is_dead(page, link)] == ["#old", "gone.md"]


def test_the_readme_leads_to_every_page() -> None:
    linked = {(ROOT / link).resolve() for link in links_in(README)}
    missing = [
        page.relative_to(ROOT).as_posix()
        for page in (ROOT / "docs").rglob("*.md")
        if not linked & {page.resolve(), page.resolve().parent}
    ]

    assert missing == []


def test_the_list_of_decisions_has_each_of_them() -> None:
    decisions = {page.name for page in (ROOT / "docs/adr").glob("[0-9]*.md")}

    assert set(links_in(ROOT / "docs/adr/README.md")) == decisions


def test_the_readme_is_short() -> None:
    assert len(README.read_text("utf-8").splitlines()) <= 200
