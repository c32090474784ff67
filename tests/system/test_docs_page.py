"""Swagger UI and the catalogue of errors, in a real browser on a real server."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from support.paths import LOGIN
from support.processes import clean_environment, client_of, free_port, run_python, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import BrowserContext, ConsoleMessage, Locator, Page

pytestmark = pytest.mark.system

ADMIN = {"email": "admin@example.com", "password": "admin123"}
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (NOT FOUND)"

_NEEDED = (
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
_METHODS = {"get", "put", "post", "patch", "delete"}
_LAUNCH_MILLISECONDS = 60_000
_STEP_MILLISECONDS = 20_000
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

    def open_docs(self) -> None:
        self.page.goto(f"{self.origin}/docs")
        self.page.locator(".opblock").last.wait_for()

    def authorize(self, token: str) -> None:
        self.page.locator(".auth-wrapper button.authorize").click()
        dialog = self.page.locator(".auth-container").filter(has_text="bearerAuth")
        dialog.locator("input").fill(token)
        dialog.get_by_role("button", name="Apply credentials").click()
        dialog.get_by_text("Authorized", exact=True).wait_for()
        dialog.get_by_role("button", name="Close").click()

    def operation(self, name: str) -> Locator:
        """Expand an operation; it can be tried at once."""
        operation = self.page.locator(f"#operations-{name}")
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").wait_for()
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
    body = row.locator(".response-col_description pre").first
    body.wait_for()
    return body.inner_text()


@pytest.fixture(scope="module")
def chromium() -> str:
    """The path of the browser; without one the tests cannot run."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is not None and importlib.util.find_spec("playwright") is not None:
        return path
    if os.environ.get("CI") == "true":
        pytest.fail(_NEEDED, pytrace=False)
    pytest.skip(_NEEDED)  # where nobody asked for CI's strictness


@pytest.fixture(scope="module")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of development data, of our own."""
    folder = tmp_path_factory.mktemp("service")
    port = free_port()
    variables = clean_environment(
        FLASK_ENV="development",
        INSTANCE_PATH=str(folder / "instance"),
        PORT=str(port),
        WEB_CONCURRENCY="1",
    )
    for command in (["db", "upgrade"], ["seed-db"]):
        ended = run_python("-m", "userapi", *command, folder=folder, variables=variables)
        assert ended.returncode == 0, ended.stderr
    server = (sys.executable, "-m", "userapi", "serve")
    with serving(*server, folder=folder, variables=variables, port=port) as url:
        yield url


@pytest.fixture(scope="module")
def token(origin: str) -> str:
    """The access token of the administrator."""
    with client_of(origin) as client:
        answer = client.post(LOGIN, json=ADMIN).raise_for_status()
    access_token: str = answer.json()["access_token"]
    return access_token


@pytest.fixture
def visit(chromium: str, origin: str, tmp_path: Path) -> Iterator[Visit]:
    """A fresh browser with one page; what it shows at the end is kept as `page.png`."""
    with _browsing(chromium, tmp_path) as context:
        context.set_default_timeout(_STEP_MILLISECONDS)
        visit = Visit(context.new_page(), origin)
        yield visit
        visit.page.screenshot(path=tmp_path / "page.png", full_page=True)


def test_every_operation_is_shown(visit: Visit) -> None:
    with client_of(visit.origin) as client:
        document = client.get("/openapi.json").json()
    visit.open_docs()
    shown = visit.page.locator(".opblock-summary-path").evaluate_all(
        "found => found.map(path => path.dataset.path)"
    )
    assert sorted(shown) == sorted(
        path for path, item in document["paths"].items() for _ in _METHODS & item.keys()
    )


def test_the_page_is_titled_and_styled(visit: Visit) -> None:
    visit.open_docs()
    badge = visit.page.locator(".opblock-get .opblock-summary-method").first
    assert visit.page.title() == "userapi: API documentation"
    assert _style(badge, "background-color") == "rgb(97, 175, 254)"
    assert _style(visit.page.locator("body"), "margin") == "0px"


def test_the_page_asks_no_other_host_and_complains_of_nothing(visit: Visit) -> None:
    visit.open_docs()
    visit.settle()
    assert f"{visit.origin}/openapi.json" in visit.requests
    assert visit.strangers() == []
    assert visit.complaints == []


def test_an_operation_is_tried_with_a_token(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    shown = execute(visit.operation("users-get_current_user"), 200)
    visit.settle()
    assert '"email": "admin@example.com"' in shown
    assert visit.strangers() == []
    assert visit.complaints == []


def test_a_refused_operation_shows_its_problem(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    operation = visit.operation("users-delete_user")
    operation.get_by_placeholder("user_id").fill("999")
    shown = execute(operation, 404)
    visit.settle()
    assert '"type": "/docs/errors#user-not-found"' in shown
    assert visit.strangers() == []
    assert visit.complaints == [f"{NOT_FOUND} {visit.origin}/api/v1/users/999"]


def test_a_token_is_not_stored(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    execute(visit.operation("users-get_current_user"), 200)
    stored = visit.page.evaluate(
        "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
    )
    assert stored == '[{},{},""]'


def test_a_reload_forgets_the_token(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    visit.page.locator(".auth-wrapper button.authorize.locked").wait_for()
    visit.page.reload()
    visit.page.locator(".auth-wrapper button.authorize.unlocked").wait_for()


def test_the_policy_allows_nothing_inline(origin: str) -> None:
    with client_of(origin) as client:
        policy = client.get("/docs").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "'unsafe-" not in policy


def test_an_injected_script_does_not_run(visit: Visit) -> None:
    visit.open_docs()
    visit.page.evaluate(
        """() => {
            const script = document.createElement("script");
            script.textContent = "window.injected = true";
            document.body.append(script);
        }"""
    )
    visit.settle()
    assert visit.page.evaluate("window.injected") is None
    assert [text for text in visit.complaints if "Content Security Policy" in text] != []


def test_the_type_of_a_problem_leads_to_its_explanation(visit: Visit) -> None:
    visit.page.goto(f"{visit.origin}/docs/errors#email-taken")
    explained = visit.page.locator("section:target")
    visit.settle()
    assert visit.page.title() == "userapi: errors"
    assert explained.locator("h2").inner_text() == "email-taken · 409"
    assert _style(explained, "background-color") == "rgb(255, 243, 196)"
    assert "`" not in visit.page.locator("main").inner_text()
    assert visit.strangers() == []
    assert visit.complaints == []


def _style(element: Locator, name: str) -> str:
    value: str = element.evaluate(
        "(element, name) => getComputedStyle(element).getPropertyValue(name)", name
    )
    return value


@contextlib.contextmanager
def _browsing(chromium: str, home: Path) -> Iterator[BrowserContext]:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - the tests do without it

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=chromium,
            args=_SWITCHES,
            env=_browser_environment(home),
            timeout=_LAUNCH_MILLISECONDS,
        )
        with browser, browser.new_context(viewport={"width": 1280, "height": 900}) as context:
            yield context


def _browser_environment(home: Path) -> dict[str, str | float | bool]:
    folders = {"HOME": home / "home"}
    for name in ("CACHE_HOME", "CONFIG_HOME", "DATA_HOME", "RUNTIME_DIR", "STATE_HOME"):
        folders[f"XDG_{name}"] = home / name.lower()
    for folder in folders.values():
        folder.mkdir(mode=0o700)
    return {"PATH": os.environ["PATH"], **{name: str(path) for name, path in folders.items()}}
