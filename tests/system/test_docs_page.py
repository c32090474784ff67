"""Swagger UI and the catalogue of errors, in a real browser on a real server."""

from typing import Any

import pytest

from support.browser import Visit, style, unfold
from support.processes import client_of

pytestmark = pytest.mark.system

METHODS = {"get", "put", "post", "patch", "delete"}
CREATE_POST = "operations-posts-create_post"


@pytest.fixture(scope="module")
def operations(origin: str) -> list[dict[str, Any]]:
    """The operations of the document that the page shows."""
    with client_of(origin) as client:
        paths = client.get("/openapi.json").json()["paths"]
    return [item[method] for item in paths.values() for method in METHODS & item.keys()]


def names(visit: Visit, blocks: str) -> list[str]:
    found: list[str] = visit.page.locator(blocks).evaluate_all(
        "found => found.map(block => block.id)"
    )
    return sorted(found)


def test_every_operation_is_shown(visit: Visit, operations: list[dict[str, Any]]) -> None:
    visit.open_docs()
    assert names(visit, ".opblock") == sorted(
        f"operations-{operation['tags'][0]}-{operation['operationId']}" for operation in operations
    )


def test_the_page_is_titled_and_styled(visit: Visit) -> None:
    visit.open_docs()
    badge = visit.page.locator(".opblock-get .opblock-summary-method").first
    assert visit.page.title() == "userapi: API documentation"
    assert style(badge, "background-color") == "rgb(97, 175, 254)"
    assert style(visit.page.locator("body"), "margin") == "0px"


def test_the_page_asks_no_other_host_and_complains_of_nothing(visit: Visit) -> None:
    visit.open_docs()
    visit.settle()
    assert f"{visit.origin}/openapi.json" in visit.requests
    assert visit.strangers() == []
    assert visit.complaints == []


def test_the_filter_leaves_the_operations_of_a_tag(
    visit: Visit, operations: list[dict[str, Any]]
) -> None:
    visit.open_docs()
    visit.page.get_by_placeholder("Filter by tag").fill("posts")
    visit.page.locator("#operations-tag-auth").wait_for(state="detached")
    assert names(visit, ".opblock") == sorted(
        f"operations-posts-{operation['operationId']}"
        for operation in operations
        if operation["tags"] == ["posts"]
    )


def test_a_link_to_an_operation_opens_it(visit: Visit) -> None:
    visit.open_docs("#/posts/create_post")
    visit.page.locator(f"#{CREATE_POST} button.execute").wait_for()
    visit.settle()
    assert names(visit, ".opblock.is-open") == [CREATE_POST]
    assert visit.complaints == []


def test_a_link_to_a_tag_is_taken_without_complaint(visit: Visit) -> None:
    visit.open_docs("#/posts")
    visit.settle()
    assert visit.complaints == []


def test_errors_are_folded_until_they_are_asked_for(visit: Visit) -> None:
    visit.open_docs()
    operation = visit.operation("auth-login")
    button = operation.get_by_role("button", name="413", exact=True)
    assert operation.locator("tr.response[data-code]").count() == 1
    assert button.get_attribute("aria-expanded") == "false"
    shown = unfold(operation, "413")
    assert button.get_attribute("aria-expanded") == "true"
    assert '"code": "body-too-large"' in shown.inner_text()
    button.press("Space")
    shown.wait_for(state="detached")


def test_a_folded_error_says_in_a_line_what_it_is(visit: Visit) -> None:
    visit.open_docs()
    row = visit.operation("auth-login").locator("tr.folded").filter(has_text="413")
    assert " ".join(row.inner_text().split()) == "413 Request body too large (body-too-large)."


def test_an_operation_that_an_answer_leads_to_is_folded(visit: Visit) -> None:
    visit.open_docs()
    link = visit.operation("users-get_current_user").locator("details.operation-link").first
    parameters = link.get_by_text("$response.body#/id")
    assert not parameters.is_visible()
    link.locator("summary").press("Enter")
    assert parameters.is_visible()


def test_an_operation_that_is_opened_can_be_linked_to(visit: Visit) -> None:
    visit.open_docs()
    visit.operation("posts-create_post")
    assert visit.page.url == f"{visit.origin}/docs#/posts/create_post"


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


def test_the_page_leads_to_the_catalogue_of_errors(visit: Visit) -> None:
    visit.open_docs()
    link = visit.page.get_by_role("link", name="/docs/errors")
    visit.page.goto(f"{visit.origin}{link.get_attribute('href')}")
    assert visit.page.title() == "userapi: errors"


def test_the_type_of_a_problem_leads_to_its_explanation(visit: Visit) -> None:
    visit.page.goto(f"{visit.origin}/docs/errors#email-taken")
    explained = visit.page.locator("section:target")
    visit.settle()
    assert explained.locator("h3").inner_text() == "email-taken · 409"
    assert style(explained, "background-color") == "rgb(255, 243, 196)"
    assert "`" not in visit.page.locator("main").inner_text()
    assert visit.strangers() == []
    assert visit.complaints == []


def test_the_contents_lead_to_each_mistake(visit: Visit) -> None:
    visit.page.goto(f"{visit.origin}/docs/errors")
    visit.page.get_by_role("navigation").get_by_role("link", name="entity-tags").click()
    assert visit.page.url == f"{visit.origin}/docs/errors#mistake-entity-tags"
    assert visit.page.locator("section:target h3").inner_text() == "entity-tags"
    assert visit.complaints == []


def test_the_page_is_dark_where_that_is_wanted(visit: Visit) -> None:
    visit.page.emulate_media(color_scheme="dark")
    visit.open_docs()
    assert style(visit.page.locator("html"), "background-color") == "rgb(28, 32, 34)"
    visit.page.emulate_media(color_scheme="light")
    visit.page.locator("html:not(.dark-mode)").wait_for()
    assert style(visit.page.locator("html"), "background-color") == "rgb(250, 250, 250)"
