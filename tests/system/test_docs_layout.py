"""The documentation's pages on a wide screen and on a telephone's."""

import pytest

from support.browser import Visit, execute

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


@pytest.fixture(params=[1280, 400])
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


def test_no_button_covers_an_answer(visit_of_width: Visit, token: str) -> None:
    visit_of_width.open_docs()
    visit_of_width.authorize(token)
    operation = visit_of_width.operation("posts-create_post")
    execute(operation, 201)
    assert operation.locator(".live-responses-table").evaluate(COVERED) == 0


def test_the_catalogue_of_errors_fits_the_screen(visit_of_width: Visit) -> None:
    visit_of_width.page.goto(f"{visit_of_width.origin}/docs/errors")
    assert visit_of_width.page.evaluate(OVERFLOW) == 0
