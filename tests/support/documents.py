"""Programs that the documentation prints."""

import re
from pathlib import Path

_DOCS = Path(__file__).parents[2] / "docs"


def program_in(document: str, name: str) -> str:
    """Return the program of that name: the block of code after the comment with the name."""
    text = (_DOCS / document).read_text("utf-8")
    printed = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", text, re.DOTALL)
    assert printed is not None
    return printed[1]
