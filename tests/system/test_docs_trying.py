"""Operations tried on the documentation's own page."""

import json

import pytest

from posts.samples import POSTS
from support.browser import Visit, execute, shown_headers
from support.processes import client_of

pytestmark = pytest.mark.system

POST = {"title": "Written in a browser", "content": "And read there."}
NOT_FOUND = "Failed to load resource: the server responded with a status of 404 (NOT FOUND)"
STALE = "Failed to load resource: the server responded with a status of 412 (PRECONDITION FAILED)"


@pytest.fixture
def location(origin: str, token: str) -> str:
    """The path of a post in its second version."""
    with client_of(origin, headers={"Authorization": f"Bearer {token}"}) as client:
        path = client.post(POSTS, json=POST).raise_for_status().headers["Location"]
        client.patch(path, json={"title": "Revised"}).raise_for_status()
    return str(path)


@pytest.fixture
def post_id(location: str) -> str:
    """The id of the post at `location`."""
    return location.rpartition("/")[2]


def edit(visit: Visit, post_id: str, version: str, status: int) -> str:
    operation = visit.operation("posts-update_post")
    operation.get_by_placeholder("post_id").fill(post_id)
    operation.get_by_placeholder("If-Match").fill(version)
    operation.locator("textarea").fill('{"title": "Revised again"}')
    return execute(operation, status)


def test_an_operation_is_tried_with_a_token(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    operation = visit.operation("users-get_current_user")
    shown = execute(operation, 200)
    operation.evaluate("operation => operation.scrollIntoView()")
    visit.page.mouse.move(0, 0)
    visit.settle()
    assert '"email": "admin@example.com"' in shown
    assert visit.strangers() == []
    assert visit.complaints == []


def test_the_example_of_a_login_logs_in(visit: Visit) -> None:
    visit.open_docs()
    shown = json.loads(execute(visit.operation("auth-login"), 200))
    visit.settle()
    assert shown["token_type"] == "bearer"
    assert visit.complaints == []


def test_a_post_is_written_with_an_edited_body(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    operation = visit.operation("posts-create_post")
    operation.locator("textarea").fill(json.dumps(POST))
    shown = json.loads(execute(operation, 201))
    headers = shown_headers(operation)
    visit.settle()
    assert shown.items() >= POST.items()
    assert headers["etag"] == f'"{shown["id"]}-1"'
    assert headers["location"] == f"{POSTS}/{shown['id']}"
    assert visit.strangers() == []
    assert visit.complaints == []


def test_a_post_that_was_written_is_read(visit: Visit, token: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    writing = visit.operation("posts-create_post")
    written = json.loads(execute(writing, 201))
    reading = visit.operation("posts-get_post")
    reading.get_by_placeholder("post_id").fill(str(written["id"]))
    assert json.loads(execute(reading, 200)) == written
    assert shown_headers(reading)["etag"] == shown_headers(writing)["etag"]


def test_an_edit_of_the_current_version_is_made(visit: Visit, token: str, post_id: str) -> None:
    visit.open_docs()
    visit.authorize(token)
    shown = edit(visit, post_id, f'"{post_id}-2"', 200)
    visit.settle()
    assert '"title": "Revised again"' in shown
    assert visit.complaints == []


def test_an_edit_of_a_stale_version_is_refused(
    visit: Visit, token: str, post_id: str, location: str
) -> None:
    visit.open_docs()
    visit.authorize(token)
    shown = edit(visit, post_id, f'"{post_id}-1"', 412)
    visit.settle()
    assert json.loads(shown)["code"] == "stale-version"
    assert visit.strangers() == []
    assert visit.complaints == [f"{STALE} {visit.origin}{location}"]


def test_the_type_of_a_refusal_leads_to_its_explanation(
    visit: Visit, token: str, post_id: str
) -> None:
    visit.open_docs()
    visit.authorize(token)
    problem = json.loads(edit(visit, post_id, f'"{post_id}-1"', 412))
    visit.page.goto(f"{visit.origin}{problem['type']}")
    explained = visit.page.locator("section:target")
    assert explained.locator("h3").inner_text() == "stale-version · 412"
    assert problem["title"] in explained.inner_text()


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


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("users-get_current_user", "If-None-Match"),
        ("users-update_user", "If-Match"),
        ("posts-create_post", "Idempotency-Key"),
    ],
)
def test_an_optional_header_is_not_filled_in(visit: Visit, name: str, header: str) -> None:
    visit.open_docs()
    operation = visit.operation(name)
    visit.settle()
    assert operation.get_by_placeholder(header).input_value() == ""


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
