"""The `Link` header of the lists: the ways to the pages around the one that was read."""

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.samples import POSTS, add_post_row
from support.accounts import Account
from support.paths import USERS
from support.rows import NOON, add_user_row
from userapi.kit.cursor import Cursor
from userapi.kit.pagination import MAX_PAGE, SKIPPED_ROWS, Page, Relation
from userapi.web.responses import page_links
from web.callers import LISTS, PROFILE, Caller

pytestmark = pytest.mark.any_database

LAST = SKIPPED_ROWS + 1
"""The last number of a page of one row, in a long list."""

lists = pytest.mark.parametrize("path", LISTS)
filled = pytest.mark.usefixtures("five_of_each")
lists_of_posts = pytest.mark.parametrize("path", [POSTS, f"{PROFILE}/posts"])


@pytest.fixture
def five_of_each(db_session: Session, admin_user: Account) -> None:
    """Five users, the caller among them, and five posts by the caller."""
    for number in range(4):
        add_user_row(db_session, f"person{number}@example.com")
    for _ in range(5):
        add_post_row(db_session, admin_user.id)


def links_in(header: str) -> dict[str, str]:
    """Return the addresses by their relations; anything else in the header fails the test."""
    links = [re.fullmatch(r'<([^<>]+)>; rel="([a-z]+)"', link) for link in header.split(", ")]
    found = {link[2]: link[1] for link in links if link}
    assert len(found) == len(links), header
    return found


def query_of(address: str) -> dict[str, str]:
    return {name: value for name, (value,) in parse_qs(urlsplit(address).query).items()}


def pages_in(header: str) -> dict[str, int]:
    """Return the numbers of the pages by their relations."""
    return {rel: int(query_of(address)["page"]) for rel, address in links_in(header).items()}


def pages_of(answer: TestResponse) -> dict[str, int]:
    assert answer.status_code == 200
    return pages_in(answer.headers["Link"])


def ids_of(answer: TestResponse) -> list[int]:
    (entries,) = (value for value in answer.get_json().values() if isinstance(value, list))
    return [entry["id"] for entry in entries]


def walk(caller: Caller, address: str, rel: str) -> list[int]:
    """Return the ids on that page and on all that `rel` leads to."""
    answer = caller.send("GET", address)
    following = links_in(answer.headers["Link"]).get(rel)
    return ids_of(answer) + (walk(caller, following, rel) if following else [])


@filled
@lists
def test_first_page_has_a_next_one(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=2")

    assert pages_of(answer) == {"first": 1, "last": 3, "next": 2}


@filled
@lists
def test_page_in_the_middle_has_both(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=2&page=2")

    assert pages_of(answer) == {"first": 1, "last": 3, "prev": 1, "next": 3}


@filled
@lists
def test_last_page_has_a_previous_one(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=2&page=3")

    assert pages_of(answer) == {"first": 1, "last": 3, "prev": 2}


@filled
@lists
def test_full_last_page_has_no_next_one(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=5")

    assert pages_of(answer) == {"first": 1, "last": 1}


@filled
@lists
@pytest.mark.parametrize("page", [4, 5, 1000, MAX_PAGE])
def test_page_past_the_end_leads_back_to_the_last(caller: Caller, path: str, page: int) -> None:
    answer = caller.send("GET", f"{path}?per_page=2&page={page}")

    assert pages_of(answer) == {"first": 1, "last": 3, "prev": 3}


@lists_of_posts
def test_empty_list_has_one_page(caller: Caller, path: str) -> None:
    assert pages_of(caller.send("GET", path)) == {"first": 1, "last": 1}


@lists_of_posts
@pytest.mark.parametrize("page", [2, 1000])
def test_page_past_an_empty_list_leads_back(caller: Caller, path: str, page: int) -> None:
    answer = caller.send("GET", f"{path}?page={page}")

    assert pages_of(answer) == {"first": 1, "last": 1, "prev": 1}


def test_header_is_as_the_standard_writes_it(caller: Caller) -> None:
    answer = caller.send("GET", POSTS)

    assert answer.headers.getlist("Link") == [
        f'<{POSTS}?page=1>; rel="first", <{POSTS}?page=1>; rel="last"'
    ]


@filled
@lists
def test_links_lead_to_the_same_list(caller: Caller, admin_user: Account, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=2&page=2")

    links = links_in(answer.headers["Link"])
    paths = {rel: urlsplit(address).path for rel, address in links.items()}
    own_path = path.replace("{user_id}", str(admin_user.id))
    assert paths == dict.fromkeys(("first", "last", "prev", "next"), own_path)


@filled
@lists
def test_links_keep_the_size_of_the_pages(caller: Caller, path: str) -> None:
    answer = caller.send("GET", f"{path}?per_page=2&page=2")

    queries = [query_of(address) for address in links_in(answer.headers["Link"]).values()]
    assert [query["per_page"] for query in queries] == ["2"] * 4


@filled
@pytest.mark.parametrize("active_only", ["true", "false"])
def test_links_keep_what_is_listed(caller: Caller, active_only: str) -> None:
    answer = caller.send("GET", f"{USERS}?active_only={active_only}&page=2&per_page=2")

    for address in links_in(answer.headers["Link"]).values():
        kept = {name: value for name, value in query_of(address).items() if name != "page"}
        assert kept == {"active_only": active_only, "per_page": "2"}


@filled
def test_links_count_what_is_listed(caller: Caller, db_session: Session) -> None:
    for number in range(2):
        add_user_row(db_session, f"inactive{number}@example.com", is_active=False)

    active, everybody = (
        caller.send("GET", f"{USERS}?per_page=1&active_only={only}") for only in ("true", "false")
    )

    assert (pages_of(active)["last"], pages_of(everybody)["last"]) == (5, 7)


@filled
@lists
def test_head_has_them_too(caller: Caller, path: str) -> None:
    head, get = (caller.send(method, f"{path}?per_page=2") for method in ("HEAD", "GET"))

    assert head.headers["Link"] == get.headers["Link"]


@filled
@lists
def test_next_leads_to_every_entry_once(caller: Caller, path: str) -> None:
    everything = ids_of(caller.send("GET", path))

    visited = walk(caller, f"{path}?per_page=2", "next")

    assert len(everything) == 5
    assert visited == everything


@filled
@lists
def test_prev_leads_to_every_entry_once(caller: Caller, path: str) -> None:
    everything = ids_of(caller.send("GET", path))

    visited = walk(caller, f"{path}?per_page=1&page=5", "prev")

    assert visited == everything[::-1]


def links_at(page: int, total: int) -> dict[str, int]:
    """Return what is linked from that page of so many entries, one on each page."""
    there: Page[Any] = Page(items=[], page=page, per_page=1, total=total)
    with Flask(__name__).test_request_context(f"/list?per_page=1&page={page}"):
        headers = page_links(there)
    return pages_in(headers["Link"])


def test_the_last_page_that_has_a_number_is_the_last() -> None:
    assert links_at(1, LAST) == {"first": 1, "last": LAST, "next": 2}
    assert links_at(LAST, LAST) == {"first": 1, "last": LAST, "prev": LAST - 1}


@pytest.mark.parametrize("total", [LAST + 1, 5 * MAX_PAGE])
def test_no_link_leads_to_a_page_that_would_be_refused(total: int) -> None:
    assert links_at(1, total) == {"first": 1, "next": 2}
    assert links_at(LAST - 1, total) == {"first": 1, "prev": LAST - 2, "next": LAST}


@pytest.mark.parametrize("relation", Relation)
def test_where_numbers_end_a_cursor_leads_on(relation: Relation) -> None:
    there: Page[Any] = Page(
        items=[],
        page=SKIPPED_ROWS // 100 + 1,
        per_page=100,
        total=SKIPPED_ROWS * 10,
        total_relation=relation,
        next=Cursor((NOON, 7)),
    )

    with Flask(__name__).test_request_context(f"/list?per_page=100&page={there.page}"):
        links = links_in(page_links(there)["Link"])

    assert links.keys() == {"first", "prev", "next"}
    assert query_of(links["next"]) == {"per_page": "100", "cursor": str(there.next)}
