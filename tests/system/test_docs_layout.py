"""The documentation's pages on a wide screen and on a telephone's."""

from typing import Literal

import pytest

from support.browser import Visit, execute, unfold

pytestmark = pytest.mark.system

OVERFLOW = "() => document.documentElement.scrollWidth - window.innerWidth"
COVERED = """table => {
    const text = document.createRange();
    text.selectNodeContents(table.querySelector("code"));
    const button = table.querySelector(".download-contents").getBoundingClientRect();
    return [...text.getClientRects()].filter(line =>
        line.left < button.right && line.right > button.left
        && line.top < button.bottom && line.bottom > button.top
    ).length;
}"""

FAINT = """() => {
    const parsed = color => (color.match(/[0-9.]+/g) || [0, 0, 0, 0]).map(Number);
    const luminance = ([red, green, blue]) =>
        [red, green, blue].map(part => part / 255)
            .map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
            .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
    const ground = element => {
        for (let it = element; it !== null; it = it.parentElement) {
            const color = parsed(getComputedStyle(it).backgroundColor);
            if ((color[3] ?? 1) > 0.9) return color;
        }
        return [255, 255, 255];
    };
    const faint = [];
    for (const element of document.querySelectorAll(
        "a, button, h1, h2, h3, h4, label, li, p, summary, td, th"
    )) {
        const text = [...element.childNodes]
            .filter(node => node.nodeType === Node.TEXT_NODE && node.data.trim() !== "");
        if (text.length === 0 || element.getClientRects().length === 0) continue;
        const [one, other] = [parsed(getComputedStyle(element).color), ground(element)]
            .map(luminance).sort((first, second) => second - first);
        if ((one + 0.05) / (other + 0.05) < 3) faint.push(`${element.tagName} ${text[0].data}`);
    }
    return faint;
}"""


@pytest.fixture(params=[1280, 390])
def visit_of_width(request: pytest.FixtureRequest, visit: Visit) -> Visit:
    """A page on a screen of that width."""
    visit.page.set_viewport_size({"width": request.param, "height": 900})
    return visit


def test_an_overview_fits_the_screen(visit_of_width: Visit) -> None:
    visit_of_width.open_docs()
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


def test_a_tried_operation_fits_the_screen(visit_of_width: Visit, token: str) -> None:
    visit_of_width.open_docs()
    visit_of_width.authorize(token)
    execute(visit_of_width.operation("posts-create_post"), 201)
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


def test_an_opened_operation_is_not_long(visit_of_width: Visit) -> None:
    visit_of_width.open_docs()
    opened = visit_of_width.operation("auth-login").bounding_box()
    assert opened is not None
    assert opened["height"] < 2200
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


def test_an_error_that_is_unfolded_fits_the_screen(visit_of_width: Visit) -> None:
    visit_of_width.open_docs()
    unfold(visit_of_width.operation("auth-login"), "429")
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


def test_signing_in_fits_the_screen(visit_of_width: Visit) -> None:
    visit_of_width.open_docs()
    visit_of_width.sign_in("user1@example.com", "password123")
    visit_of_width.page.get_by_text("Signed in as").wait_for()
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


def test_no_button_covers_an_answer(visit_of_width: Visit, token: str) -> None:
    visit_of_width.open_docs()
    visit_of_width.authorize(token)
    operation = visit_of_width.operation("posts-create_post")
    execute(operation, 201)
    assert operation.locator(".live-responses-table").evaluate(COVERED) == 0


def test_the_catalogue_of_errors_fits_the_screen(visit_of_width: Visit) -> None:
    visit_of_width.page.goto(f"{visit_of_width.origin}/docs/errors")
    assert visit_of_width.page.evaluate(OVERFLOW) == 0


@pytest.mark.parametrize("path", ["/docs", "/docs/errors"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_told_from_its_ground(
    visit: Visit, path: str, scheme: Literal["light", "dark"]
) -> None:
    visit.page.emulate_media(color_scheme=scheme)
    visit.page.goto(f"{visit.origin}{path}")
    visit.page.locator("h2, .info .title").first.wait_for()
    if path == "/docs":
        visit.operation("users-get_current_user")
        assert visit.page.evaluate(FAINT) == []
        visit.sign_in("user1@example.com", "password123")
        visit.page.get_by_text("Signed in as").wait_for()
    assert visit.page.evaluate(FAINT) == []
