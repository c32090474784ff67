"""Chromium, and what a visitor of the documentation does in it."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

NEEDED = (
    "Chromium or Playwright is missing; install the Debian package chromium, "
    "and with pip what requirements/system.txt lists"
)
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = (
    "--no-sandbox",  # root has none, and nothing but our own page is opened
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
_LAUNCH_MILLISECONDS = 60_000
_SETTLING_MILLISECONDS = 200


@dataclass
class Visit:
    """A page of the browser: what it asked for, and what went wrong in it."""

    page: Page
    origin: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._listen)

    def _listen(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.complaints.append(f"{message.text} {message.location['url']}".strip())

    def open_docs(self, fragment: str = "") -> None:
        self.page.goto(f"{self.origin}/docs{fragment}")
        self.page.locator(".opblock").last.wait_for()

    def authorize(self, token: str) -> None:
        self.page.locator(".auth-wrapper button.authorize").click()
        dialog = self.page.locator(".auth-container").filter(has_text="bearerAuth")
        dialog.locator("input").fill(token)
        dialog.get_by_role("button", name="Apply credentials").click()
        dialog.get_by_text("Authorized", exact=True).wait_for()
        dialog.get_by_role("button", name="Close").click()

    def sign_in(self, email: str, password: str) -> None:
        """Send the form above the operations."""
        form = self.page.get_by_role("form", name="Sign in")
        form.get_by_label("E-mail address").fill(email)
        form.get_by_role("textbox", name="Password").fill(password)
        form.get_by_role("button", name="Sign in").click()

    def operation(self, name: str) -> Locator:
        """Expand an operation; it can be tried at once."""
        operation = self.page.locator(f"#operations-{name}")
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").wait_for()
        operation.locator(".responses-table tr.response").last.wait_for()
        return operation

    def settle(self) -> None:
        """Let what comes late arrive, so that it counts as well."""
        self.page.wait_for_timeout(_SETTLING_MILLISECONDS)

    def strangers(self) -> list[str]:
        """Return the requests that left the service."""
        return [url for url in self.requests if not url.startswith(f"{self.origin}/")]


def execute(operation: Locator, status: int) -> str:
    """Send the operation's request; return what the page shows of a response with `status`."""
    operation.locator("button.execute").click()
    row = operation.locator(".live-responses-table tr.response")
    row.locator(".response-col_status").get_by_text(str(status)).wait_for()
    shown = row.locator(".response-col_description pre").first
    shown.wait_for()
    text: str = shown.inner_text()
    return text


def unfold(operation: Locator, status: str) -> Locator:
    """Open what is told of an error, by its button; return it."""
    operation.get_by_role("button", name=status, exact=True).press("Enter")
    row = operation.locator(f".unfolded[data-code='{status}']")
    row.wait_for()
    return row


def shown_headers(operation: Locator) -> dict[str, str]:
    """Return the headers that the page shows of the response."""
    lines = operation.locator(".live-responses-table .headerline").all_inner_texts()
    named = (line.split(":", 1) for line in lines)
    return {name.strip(): value.strip() for name, value in named}


def style(element: Locator, name: str) -> str:
    """Return what the browser made of a property of the style sheets."""
    value: str = element.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    return value


def browser_path() -> str:
    """Return the path of a browser; without one the test cannot run."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is not None and importlib.util.find_spec("playwright") is not None:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(NEEDED, pytrace=False)
    pytest.skip(NEEDED)  # where nobody asked for CI's strictness


@contextlib.contextmanager
def running_browser(path: str, home: Path) -> Iterator[Browser]:
    """Run the browser at that path; what it writes goes to `home`."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the tests do without it

    with (
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=path,
            args=_SWITCHES,
            env=_environment(home),
            timeout=_LAUNCH_MILLISECONDS,
        ) as browser,
    ):
        yield browser


def _environment(home: Path) -> dict[str, str | float | bool]:
    folders = {"HOME": home / "home"}
    for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "STATE_HOME"):
        folders[f"XDG_{name}"] = home / name.lower()
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    return {"PATH": os.environ["PATH"], **{name: str(path) for name, path in folders.items()}}
