"""The programs that docs/sdk.md prints."""

import contextlib
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from support.accounts import PASSWORD
from support.paths import LOGIN, USERS
from support.processes import client_of, working_server
from support.smtp import SMTPServer, smtp_server

DOCS = (Path(__file__).parents[2] / "docs" / "sdk.md").read_text("utf-8")
PRINTED_ADDRESS = "http://127.0.0.1:5000"
TOLD = [
    "I am Ada Lovelace",
    "now I am Augusta Lovelace",
    "refused: The object has changed",
    "5 users on 3 pages",
    "read 5",
    "read back 5 the same",
    "published once",
    "logged in on 2 devices",
    "ended 1",
    "refused: session-ended",
]
OWNER = "ada@example.com"
NEW_PASSWORD = "analytical engine"
TOLD_OF_RESET = [
    "If an account has this address, a link is on its way to it.",
    "refused: length",
    "reset: 204",
    "refused: link-invalid",
    "profile 1 complete",
    "sessions 2 complete",
]
_MAIL_SECONDS = 60


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


@contextlib.contextmanager
def mailing_server(database_url: str, folder: Path) -> Iterator[tuple[str, SMTPServer]]:
    """Run a server that mails, and has the account of `OWNER`; yield its URL and the mailboxes."""
    names = {"first_name": "Ada", "last_name": "Lovelace", "password": PASSWORD}
    with smtp_server() as mails, working_server(database_url, folder) as url:
        with client_of(url) as client:
            client.post(USERS, json={"email": OWNER, **names}).raise_for_status()
            client.post(LOGIN, json={"email": OWNER, "password": PASSWORD}).raise_for_status()
        yield url, mails


def tell_of_reset(
    *command: str, folder: Path, variables: dict[str, str], mails: SMTPServer
) -> list[str]:
    """Run the program that resets a password, with the link that its mail brings."""
    with subprocess.Popen(
        [*command, OWNER, NEW_PASSWORD],
        cwd=folder,
        env=variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        try:
            told, errors = program.communicate(_mailed_link(mails), timeout=_MAIL_SECONDS)
        finally:
            program.kill()
    assert program.returncode == 0, errors
    return told.splitlines()


def _mailed_link(mails: SMTPServer) -> str:
    deadline = time.monotonic() + _MAIL_SECONDS
    while time.monotonic() < deadline:
        links = [it.link for it in mails.received if "/links/reset#" in it.text]
        if links:
            return links[0]
        time.sleep(0.05)
    raise TimeoutError([it.subject for it in mails.received])
