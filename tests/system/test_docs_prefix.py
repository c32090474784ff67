"""The documentation of a service that is shown under a path prefix."""

import json

import pytest

from posts.samples import POSTS
from support.browser import Visit, execute, shown_headers

pytestmark = pytest.mark.system

PREFIX = "/auth"


@pytest.fixture
def prefixed(visit: Visit, prefixed_origin: str) -> Visit:
    """A page of the browser that visits the service under its prefix."""
    visit.origin = prefixed_origin
    return visit


def test_the_page_works_under_the_prefix(prefixed: Visit) -> None:
    prefixed.open_docs()
    prefixed.sign_in("user1@example.com", "password123")
    prefixed.page.get_by_text("Signed in as").wait_for()
    operation = prefixed.operation("posts-create_post")
    post = json.loads(execute(operation, 201))
    prefixed.settle()
    assert shown_headers(operation)["location"] == f"{PREFIX}{POSTS}/{post['id']}"
    assert prefixed.strangers() == []
    assert prefixed.complaints == []


def test_the_root_of_the_prefix_leads_to_the_page(prefixed: Visit) -> None:
    prefixed.page.goto(f"{prefixed.origin}/")
    prefixed.page.locator(".opblock").last.wait_for()
    assert prefixed.page.url == f"{prefixed.origin}/docs"


def test_the_page_leads_to_the_catalogue_and_back(prefixed: Visit) -> None:
    prefixed.open_docs()
    link = prefixed.page.get_by_role("link", name="/docs/errors")
    assert link.get_attribute("href") == f"{PREFIX}/docs/errors"
    prefixed.page.goto(f"{prefixed.origin}/docs/errors")
    prefixed.page.get_by_role("link", name="API documentation").click()
    prefixed.page.locator(".opblock").last.wait_for()
    assert prefixed.strangers() == []
