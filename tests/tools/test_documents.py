"""The documents lead to each other: no link is dead, and no page is out of reach."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])


def links_in(page: Path) -> list[Path]:
    """Return the files that a page links to."""
    found = re.findall(r"\]\((?!https?:|/|#)([^)#\s]+)", page.read_text("utf-8"))
    return [(page.parent / link).resolve() for link in found]


def test_every_link_leads_somewhere() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {it}"
        for page in PAGES
        for it in links_in(page)
        if not it.exists()
    ]

    assert dead == []


def test_the_readme_leads_to_every_page() -> None:
    linked = set(links_in(ROOT / "README.md"))

    assert set((ROOT / "docs").glob("*.md")) <= linked


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text("utf-8").splitlines()) <= 200
