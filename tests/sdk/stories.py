"""The programs that docs/sdk.md prints."""

import re
from pathlib import Path

from support.accounts import PASSWORD
from support.paths import USERS
from support.processes import client_of

DOCS = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text("utf-8")
PRINTED_ADDRESS = "http://127.0.0.1:5000"
TOLD = [
    "I am Ada Lovelace",
    "now I am Augusta Lovelace",
    "refused: The object has changed",
    "5 users on 3 pages",
    "published once",
    "logged in on 2 devices",
    "ended 1",
    "refused: session-ended",
]


def write_story(name: str, folder: Path, url: str = PRINTED_ADDRESS) -> Path:
    """Save the program of that name as it is printed, but for the address."""
    printed = re.search(rf"<!-- {re.escape(name)} -->\n```\w+\n(.*?)```", DOCS, re.DOTALL)
    assert printed is not None
    assert PRINTED_ADDRESS in printed[1]
    path = folder / name
    path.write_text(printed[1].replace(PRINTED_ADDRESS, url), "utf-8")
    return path


def add_users(url: str) -> None:
    """Register four users, so that with the story's own there are three pages of two."""
    names = {"first_name": "Grace", "last_name": "Hopper", "password": PASSWORD}
    with client_of(url) as client:
        for number in range(4):
            person = {"email": f"grace{number}@example.com", **names}
            client.post(USERS, json=person).raise_for_status()
