"""The command: write the page, or check that it is fresh."""

import sys

import click

from command_page.page import PAGE, page


def main() -> None:
    """Write the page; with `--check` only end with status 1 where it is stale."""
    if sys.argv[1:] != ["--check"]:
        PAGE.write_text(page(), encoding="utf-8")
    elif PAGE.read_text(encoding="utf-8") != page():
        click.echo("docs/commands.md is stale: run make docs", err=True)
        sys.exit(1)
