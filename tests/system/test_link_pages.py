"""The pages that mailed links lead to, in a real browser, against a real server."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import REGISTRATION, add_user, bearer
from support.browser import Visit
from support.databases import engine_on
from support.node import node_file
from support.one_time_tokens import known_token
from support.paths import ADMIN_USERS, EMAIL_CHANGE, INVITATIONS, LOGIN, ME, USERS
from support.processes import client_of, live_server
from support.races import log_in_over_http
from userapi.kit.principal import Role
from userapi.mail.links import LINK_PAGES, LinkKind
from userapi.one_time_tokens.records import Purpose
from userapi.users.models import User

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx import Client
    from playwright.sync_api import Browser, Locator, Route

    from support.databases import Server

pytestmark = [pytest.mark.system, pytest.mark.any_database]

PREFIX = "/auth"
ADMIN = "root@example.com"
TAKEN_BY_NOBODY = "uao_" + "A" * 43
VIOLATIONS = """async source => {
    (0, eval)(source);
    const { violations } = await axe.run();
    return violations.map(({ id, nodes }) => [id, ...nodes.map(({ html }) => html)]);
}"""
OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"
KINDS = [kind.value for kind in LinkKind]


@dataclass
class LinkVisit(Visit):
    """Somebody who follows links, with nothing but a keyboard."""

    def follow(self, kind: str, token: str = TAKEN_BY_NOBODY) -> None:
        self.page.goto(f"{self.origin}{LINK_PAGES}/{kind}#{token}")
        self.heading.wait_for()

    @property
    def heading(self) -> Locator:
        return self.page.locator("h1:visible")

    @property
    def trouble(self) -> Locator:
        return self.page.get_by_role("alert")

    def type_into_fields(self, *texts: str) -> None:
        """Type into one field after the other, and go on to the button."""
        for text in texts:
            self.page.keyboard.press("Tab")
            self.page.keyboard.type(text)
        self.go_to("submit")

    def go_to(self, kind: str) -> None:
        """Press the tabulator until what is focused is of that type."""
        for _ in range(10):
            if self.page.evaluate("document.activeElement.type") == kind:
                return
            self.page.keyboard.press("Tab")
        pytest.fail(f"the keyboard reaches no {kind}")

    def press(self) -> None:
        self.go_to("submit")
        self.page.keyboard.press("Enter")

    def wait_until_it_says(self, heading: str) -> None:
        self.page.get_by_role("heading", name=heading).wait_for()

    def posts(self) -> list[str]:
        return [url for url in self.requests if "/api/" in url]


@pytest.fixture(scope="module")
def pages_database(server: Server, template_url: str) -> Iterator[str]:
    """The database of the service."""
    with server.copy_of(template_url) as url:
        yield url


@pytest.fixture(scope="module")
def pages_url(pages_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service at the root."""
    with live_server(pages_database, tmp_path_factory.mktemp("pages")) as url:
        yield url


@pytest.fixture
def session(pages_database: str) -> Iterator[Session]:
    """A session on the database of the service."""
    with engine_on(pages_database) as engine, Session(engine) as session:
        yield session


@pytest.fixture
def open_visit(browser: Browser, pages_url: str) -> Iterator[Callable[..., LinkVisit]]:
    """Make visits, each in a browser with such options."""
    contexts = []

    def opened(**options: Any) -> LinkVisit:
        settings: dict[str, Any] = {
            "locale": "en-GB",
            "viewport": {"width": 900, "height": 800},
            **options,
        }
        contexts.append(browser.new_context(**settings))
        contexts[-1].set_default_timeout(20_000)
        return LinkVisit(contexts[-1].new_page(), pages_url)

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def visit(open_visit: Callable[..., LinkVisit]) -> LinkVisit:
    """A visit in English."""
    return open_visit()


def answering(visit: LinkVisit, status: int, **headers: str) -> None:
    """Let every operation be answered with that status."""

    def fulfil(route: Route) -> None:
        problem = {"code": "any", "detail": "Any.", "status": status}
        content_type = "application/problem+json"
        body = json.dumps(problem)
        route.fulfill(status=status, headers=headers, content_type=content_type, body=body)

    visit.page.route("**/api/**", fulfil)


def violations(visit: LinkVisit) -> list[list[str]]:
    """Return which rules of accessibility the page breaks, and where."""
    axe = node_file("axe-core", "axe.min.js").read_text("utf-8")
    found: list[list[str]] = visit.page.evaluate(VIOLATIONS, axe)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("locale", ["en-GB", "de-AT"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_is_accessible_and_fits_a_narrow_window(
    open_visit: Callable[..., LinkVisit], kind: str, locale: str, scheme: Literal["light", "dark"]
) -> None:
    visit = open_visit(
        locale=locale, color_scheme=scheme, viewport={"width": 320, "height": 640}, bypass_csp=True
    )
    visit.follow(kind)

    assert violations(visit) == []
    assert visit.page.evaluate(OVERFLOW) == 0
    answering(visit, 429, **{"Retry-After": "90"})
    for field in visit.page.locator("form input[required]").all():
        field.fill("x")
    visit.press()
    visit.trouble.filter(has_text="90").wait_for()
    assert violations(visit) == []


@pytest.mark.parametrize("kind", KINDS)
def test_the_token_is_sent_by_a_click_alone_and_stands_nowhere(visit: LinkVisit, kind: str) -> None:
    visit.follow(kind)
    visit.settle()

    assert visit.posts() == []
    assert visit.page.url == f"{visit.origin}{LINK_PAGES}/{kind}"
    assert visit.page.evaluate("JSON.stringify([history.state, {...localStorage}])") == "[null,{}]"
    assert [url for url in visit.requests if TAKEN_BY_NOBODY in url.partition("#")[0]] == []
    assert (visit.strangers(), visit.complaints) == ([], [])


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_without_a_token_says_so(visit: LinkVisit, kind: str) -> None:
    visit.follow(kind, "")

    assert visit.heading.inner_text() == "This link is not complete"
    assert visit.page.get_by_role("button").count() == 0


def test_a_reload_asks_for_the_link_again(visit: LinkVisit) -> None:
    visit.follow("verify")
    visit.page.reload()

    visit.wait_until_it_says("This link is not complete")


def test_a_second_link_in_the_same_tab_begins_anew(visit: LinkVisit) -> None:
    visit.follow("verify", "")
    visit.page.evaluate("token => { location.hash = token }", TAKEN_BY_NOBODY)

    visit.wait_until_it_says("Confirm your address")
    assert TAKEN_BY_NOBODY not in visit.page.url


@pytest.mark.parametrize("kind", ["verify", "change", "undo"])
def test_a_token_that_is_none_is_told(visit: LinkVisit, kind: str) -> None:
    visit.follow(kind)
    visit.press()

    visit.wait_until_it_says("This link works no more")
    assert visit.page.evaluate("document.activeElement.tagName") == "H1"


@pytest.mark.parametrize(
    ("status", "headers", "words"),
    [
        (429, {"Retry-After": "61"}, "Try again in 61 seconds."),
        (429, {"Retry-After": "3600"}, "Try again in 60 minutes."),
        (503, {}, "The service is busy at the moment."),
        (500, {}, "That did not work."),
    ],
)
def test_what_can_be_tried_again_leaves_the_button(
    visit: LinkVisit, status: int, headers: dict[str, str], words: str
) -> None:
    visit.follow("verify")
    answering(visit, status, **headers)
    visit.press()

    visit.trouble.filter(has_text=words).wait_for()
    assert visit.page.evaluate("document.activeElement.type") == "submit"
    visit.page.unroute("**/api/**")
    visit.press()
    visit.wait_until_it_says("This link works no more")


def test_who_is_offline_is_told_and_tries_again(visit: LinkVisit) -> None:
    visit.follow("verify")
    visit.page.context.set_offline(True)
    visit.press()
    visit.trouble.filter(has_text="cannot be reached").wait_for()

    visit.page.context.set_offline(False)
    visit.press()
    visit.wait_until_it_says("This link works no more")


def test_pressing_twice_sends_once(visit: LinkVisit) -> None:
    visit.follow("verify")
    waiting: list[Route] = []
    visit.page.route("**/api/**", lambda route: waiting.append(route))  # noqa: PLW0108 - a function of its own
    visit.press()
    visit.page.get_by_text("One moment").wait_for()
    visit.page.keyboard.press("Enter")
    visit.settle()
    assert len(waiting) == 1

    waiting[0].continue_()
    visit.wait_until_it_says("This link works no more")


@pytest.mark.parametrize("kind", ["reset", "invite"])
def test_missing_fields_are_named_and_focused(visit: LinkVisit, kind: str) -> None:
    visit.follow(kind)
    visit.press()

    first = visit.page.locator("form input").first
    visit.page.get_by_text("This is missing.").first.wait_for()
    assert first.get_attribute("aria-invalid") == "true"
    assert first.evaluate("field => field === document.activeElement")
    assert visit.posts() == []


class TestFlows:
    """Each link, from its cause to its end, with the keyboard alone."""

    @pytest.fixture
    def admin(self, pages_url: str, session: Session, password_hash: str) -> Iterator[Client]:
        """A client of the service that is signed in as an administrator."""
        if session.scalar(select(User.id).where(User.email == ADMIN)) is None:
            add_user(session, password_hash, email=ADMIN, role=Role.ADMIN)
        session.commit()
        with client_of(pages_url) as client:
            client.headers.update(log_in_over_http(client, ADMIN))
            yield client

    @pytest.fixture
    def email(self, request: pytest.FixtureRequest) -> str:
        """An address of the test's own."""
        return f"ada{abs(hash(request.node.name))}@example.com"

    @pytest.fixture
    def prefixed(
        self, open_visit: Callable[..., LinkVisit], pages_database: str, tmp_path: Path
    ) -> Iterator[LinkVisit]:
        """A visit in German to the service under a prefix."""
        with live_server(pages_database, tmp_path, ROOT_PATH=PREFIX) as url:
            visit = open_visit(locale="de-DE")
            visit.origin = f"{url}{PREFIX}"
            yield visit

    def test_an_address_is_proven(
        self, visit: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        admin.post(USERS, json={**REGISTRATION, "email": email})
        visit.follow("verify", known_token(session, Purpose.EMAIL_VERIFICATION))
        visit.press()

        visit.wait_until_it_says("Address confirmed")
        assert me(admin, email)["email_verified"] is True
        assert visit.complaints == []

    def test_a_link_that_was_used_is_told(
        self, visit: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        admin.post(USERS, json={**REGISTRATION, "email": email})
        token = known_token(session, Purpose.EMAIL_VERIFICATION)
        visit.follow("verify", token)
        visit.press()
        visit.wait_until_it_says("Address confirmed")

        visit.follow("verify", token)
        visit.press()
        visit.wait_until_it_says("This link works no more")

    def test_a_password_is_reset(
        self, visit: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        made = {**REGISTRATION, "email": email, "role": "user"}
        made.pop("password")
        admin.post(ADMIN_USERS, json=made).raise_for_status()
        visit.follow("reset", known_token(session, Purpose.PASSWORD_RESET))
        visit.type_into_fields("short")
        visit.press()
        field = visit.page.get_by_label("New password")
        visit.page.get_by_text("This is too short or too long.").wait_for()
        assert field.evaluate("field => field === document.activeElement")

        field.fill("")
        visit.page.keyboard.type("correct horse")
        visit.press()
        visit.wait_until_it_says("Password set")
        assert field.input_value() == ""
        answer = admin.post(LOGIN, json={"email": email, "password": "correct horse"})
        assert answer.status_code == 200

    def test_a_password_is_shown_on_demand(self, visit: LinkVisit) -> None:
        visit.follow("reset")
        visit.type_into_fields("correct horse")
        visit.page.keyboard.press("Shift+Tab")
        visit.page.keyboard.press("Space")

        assert visit.page.get_by_label("New password").get_attribute("type") == "text"

    def test_an_address_is_changed_and_put_back(
        self, visit: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        admin.post(USERS, json={**REGISTRATION, "email": email})
        visit.follow("verify", known_token(session, Purpose.EMAIL_VERIFICATION))
        visit.press()
        visit.wait_until_it_says("Address confirmed")
        login = {"email": email, "password": REGISTRATION["password"]}
        tokens = admin.post(LOGIN, json=login).json()
        change = {"password": REGISTRATION["password"], "new_email": f"new-{email}"}
        owner = bearer(tokens["access_token"])
        admin.post(EMAIL_CHANGE, json=change, headers=owner).raise_for_status()

        visit.follow("change", known_token(session, Purpose.EMAIL_CHANGE))
        visit.press()
        visit.wait_until_it_says("Address changed")
        assert me(admin, f"new-{email}")["email_verified"] is True

        visit.follow("undo", known_token(session, Purpose.EMAIL_UNDO))
        visit.press()
        visit.wait_until_it_says("Change taken back")
        assert admin.post(LOGIN, json=login).status_code == 401

    def test_an_invitation_is_accepted(
        self, visit: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        admin.post(INVITATIONS, json={"email": email, "role": "moderator"}).raise_for_status()
        token = known_token(session, Purpose.INVITATION)
        visit.follow("invite", token)
        visit.type_into_fields("eve@example.com", "Ada", "Lovelace", "correct horse")
        visit.press()
        visit.trouble.filter(has_text="for another address").wait_for()

        visit.page.get_by_label("E-mail address").fill(email)
        visit.press()
        visit.wait_until_it_says("Welcome")
        login = {"email": email, "password": "correct horse"}
        answer = admin.post(LOGIN, json=login)
        assert answer.status_code == 200
        assert me(admin, email, "correct horse")["role"] == "moderator"

    def test_a_page_works_under_a_prefix(
        self, prefixed: LinkVisit, admin: Client, session: Session, email: str
    ) -> None:
        admin.post(INVITATIONS, json={"email": email, "role": "user"}).raise_for_status()
        prefixed.follow("invite", known_token(session, Purpose.INVITATION))
        prefixed.type_into_fields(email, "Ada", "Lovelace", "correct horse")
        prefixed.press()

        prefixed.wait_until_it_says("Willkommen")
        assert (prefixed.strangers(), prefixed.complaints) == ([], [])


def me(client: Client, email: str, password: str = REGISTRATION["password"]) -> dict[str, Any]:
    """Return what the account with that address reads of itself."""
    tokens = client.post(LOGIN, json={"email": email, "password": password}).json()
    read: dict[str, Any] = client.get(ME, headers=bearer(tokens["access_token"])).json()
    return read
