"""The page of the commands is what the commands say."""

from command_page.page import PAGE, page


def test_the_page_is_fresh() -> None:
    assert PAGE.read_text("utf-8") == page(), "docs/commands.md is stale: run make docs"
