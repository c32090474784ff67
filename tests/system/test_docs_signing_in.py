"""The form above the operations, which authorizes the page."""

import json
from collections.abc import Callable

import pytest

from support.accounts import bearer
from support.browser import Visit, execute
from support.paths import LOGIN, LOGOUT, ME
from support.processes import client_of

pytestmark = pytest.mark.system

EMAIL = "user2@example.com"
PASSWORD = "password123"
AUTHORIZED = ".auth-wrapper button.authorize.locked"
UNAUTHORIZED = ".auth-wrapper button.authorize.unlocked"
TOKEN = "ui.authSelectors.authorized().getIn(['bearerAuth', 'value'])"
STORED = "() => JSON.stringify([{...localStorage}, {...sessionStorage}, document.cookie])"
Told = Callable[[str], None]


@pytest.fixture
def signed_in(visit: Visit) -> Visit:
    """A page that somebody has signed in to."""
    visit.open_docs()
    visit.sign_in(EMAIL, PASSWORD)
    visit.page.get_by_text(f"Signed in as {EMAIL}").wait_for()
    return visit


@pytest.fixture
def told(visit: Visit) -> Told:
    """Wait until the form says that."""
    alert = visit.page.get_by_role("form", name="Sign in").get_by_role("alert")
    return lambda text: alert.get_by_text(text).wait_for()


def test_signing_in_authorizes_the_page(signed_in: Visit) -> None:
    shown = json.loads(execute(signed_in.operation("users-get_current_user"), 200))
    signed_in.settle()
    assert shown["email"] == EMAIL
    assert signed_in.strangers() == []
    assert signed_in.complaints == []


def test_signing_in_authorizes_refreshing_too(signed_in: Visit) -> None:
    assert "refresh_token" in execute(signed_in.operation("auth-refresh"), 200)


def test_nothing_of_it_is_stored_or_left_on_the_page(signed_in: Visit) -> None:
    assert signed_in.page.evaluate(STORED) == '[{},{},""]'
    assert PASSWORD not in signed_in.page.content()
    assert signed_in.page.url == f"{signed_in.origin}/docs"


def test_a_wrong_password_is_told_in_words(visit: Visit, told: Told) -> None:
    visit.open_docs()
    visit.sign_in(EMAIL, "wrong password")
    told("No account matches this e-mail address and password.")
    assert visit.page.get_by_label("E-mail address").input_value() == EMAIL
    assert visit.page.locator(UNAUTHORIZED).count() == 1


def test_a_mistake_is_told_with_its_field(visit: Visit, told: Told) -> None:
    visit.open_docs()
    visit.sign_in("nobody", PASSWORD)
    told("One or more fields or parameters are invalid; errors names each one. email: ")


def test_how_long_to_wait_is_told(visit: Visit, told: Told) -> None:
    problem = {"detail": "Too many `failed` attempts."}
    visit.page.route(
        f"**{LOGIN}",
        lambda route: route.fulfill(status=429, json=problem, headers={"Retry-After": "30"}),
    )
    visit.open_docs()
    visit.sign_in(EMAIL, PASSWORD)
    told("Too many failed attempts. Try again in 30 s.")


def test_a_service_that_is_away_is_told(visit: Visit, told: Told) -> None:
    visit.page.route(f"**{LOGIN}", lambda route: route.abort())
    visit.open_docs()
    visit.sign_in(EMAIL, PASSWORD)
    told("The service cannot be reached.")


def test_an_answer_that_is_none_of_ours_is_told(visit: Visit, told: Told) -> None:
    visit.page.route(f"**{LOGIN}", lambda route: route.fulfill(status=502, body="<h1>Bad gateway"))
    visit.open_docs()
    visit.sign_in(EMAIL, PASSWORD)
    told("The service answered 502.")


def test_after_a_refusal_one_gets_in(visit: Visit, told: Told) -> None:
    visit.open_docs()
    visit.sign_in(EMAIL, "wrong password")
    told("No account matches")
    visit.sign_in(EMAIL, PASSWORD)
    visit.page.get_by_text(f"Signed in as {EMAIL}").wait_for()
    assert not visit.page.get_by_text("No account matches").is_visible()


def test_signing_out_ends_the_session(signed_in: Visit) -> None:
    token = signed_in.page.evaluate(TOKEN)
    signed_in.page.get_by_role("button", name="Sign out").click()
    signed_in.page.locator(UNAUTHORIZED).wait_for()
    signed_in.page.get_by_role("textbox", name="Password").wait_for()
    with client_of(signed_in.origin) as client:
        assert client.get(ME, headers=bearer(token)).status_code == 401
    assert signed_in.complaints == []


def test_signing_out_forgets_the_tokens_of_a_service_that_is_away(
    signed_in: Visit, told: Told
) -> None:
    signed_in.page.route(f"**{LOGOUT}", lambda route: route.abort())
    signed_in.page.get_by_role("button", name="Sign out").click()
    told("The service cannot be reached.")
    assert signed_in.page.locator(UNAUTHORIZED).count() == 1


def test_an_access_token_that_has_expired_asks_to_sign_in_again(visit: Visit, told: Told) -> None:
    visit.page.clock.install()
    visit.open_docs()
    visit.sign_in(EMAIL, PASSWORD)
    visit.page.locator(AUTHORIZED).wait_for()
    visit.page.clock.fast_forward("24:00:00")
    told("The access token has expired; sign in again.")
    assert visit.page.locator(UNAUTHORIZED).count() == 1


def test_logging_out_in_the_dialog_brings_the_form_back(signed_in: Visit) -> None:
    signed_in.page.locator(AUTHORIZED).click()
    dialog = signed_in.page.locator(".auth-container").filter(has_text="bearerAuth")
    dialog.get_by_text("Logout").click()
    signed_in.page.get_by_role("textbox", name="Password").wait_for()


def test_the_form_is_filled_in_with_the_keyboard(visit: Visit) -> None:
    visit.open_docs()
    visit.page.get_by_label("E-mail address").focus()
    visit.page.keyboard.type(EMAIL)
    visit.page.keyboard.press("Tab")
    visit.page.keyboard.type(PASSWORD)
    visit.page.keyboard.press("Enter")
    visit.page.get_by_text(f"Signed in as {EMAIL}").wait_for()
