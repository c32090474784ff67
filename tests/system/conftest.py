"""The documentation, served for real and opened in a real browser.

What a page shows at the end of its test is kept as `page.png` in the test's folder.
docs/images/swagger-ui.png is that of `test_an_operation_is_tried_with_a_token`.
"""

from __future__ import annotations

import contextlib
import sys
from typing import TYPE_CHECKING

import pytest

from support.browser import Visit, browser_path, running_browser
from support.paths import LOGIN
from support.processes import clean_environment, client_of, free_port, run_python, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser

ADMIN = {"email": "admin@example.com", "password": "admin123"}
PREFIX = "/auth"
_STEP_MILLISECONDS = 20_000


@pytest.fixture(scope="session")
def origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of development data, of our own."""
    with development_server(tmp_path_factory.mktemp("service")) as url:
        yield url


@pytest.fixture(scope="module")
def prefixed_origin(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server of development data under a path prefix."""
    with development_server(tmp_path_factory.mktemp("prefixed"), ROOT_PATH=PREFIX) as url:
        yield f"{url}{PREFIX}"


@contextlib.contextmanager
def development_server(folder: Path, **settings: str) -> Iterator[str]:
    """Run a server with seeded data in `folder`, with these variables besides; yield its URL."""
    port = free_port()
    variables = clean_environment(
        FLASK_ENV="development",
        INSTANCE_PATH=str(folder / "instance"),
        PORT=str(port),
        WEB_CONCURRENCY="1",
        **settings,
    )
    for command in (["db", "upgrade"], ["seed-db"]):
        ended = run_python("-m", "userapi", *command, folder=folder, variables=variables)
        assert ended.returncode == 0, ended.stderr
    server = (sys.executable, "-m", "userapi", "serve")
    with serving(*server, folder=folder, variables=variables, port=port) as url:
        yield url


@pytest.fixture(scope="module")
def token(origin: str) -> str:
    """An access token of the administrator."""
    with client_of(origin) as client:
        answer = client.post(LOGIN, json=ADMIN).raise_for_status()
    access_token: str = answer.json()["access_token"]
    return access_token


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that keeps nothing from one visit to the next."""
    with running_browser(browser_path(), tmp_path_factory.mktemp("browser")) as browser:
        yield browser


@pytest.fixture
def visit(browser: Browser, origin: str, tmp_path: Path) -> Iterator[Visit]:
    """One page of the browser."""
    with browser.new_context(viewport={"width": 1280, "height": 900}) as context:
        context.set_default_timeout(_STEP_MILLISECONDS)
        visit = Visit(context.new_page(), origin)
        yield visit
        visit.page.screenshot(path=tmp_path / "page.png")
