"""Cells of CSV that no spreadsheet takes for a formula, and that come back as they were.

A text that begins as a formula does gets an apostrophe before it; so does one that looks as if it
had one already. Reading takes away exactly one.
"""

import re

_RISKY = re.compile(r"'*[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n\0\uff1d\uff0b\uff0d\uff20]")


def escaped_cell(text: str) -> str:
    """Return what stands for `text` in a cell."""
    return f"'{text}" if _RISKY.match(text) else text


def cell_text(cell: str) -> str:
    """Return the text that a cell stands for."""
    return cell[1:] if _ESCAPED.match(cell) else cell
