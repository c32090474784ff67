"""Searching the directory: what is found, and nothing else."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from support.accounts import Headers
from support.answers import parameters
from support.paths import USERS
from support.plans import statements_of
from support.rows import NOON, add_user_row, at_minute, set_columns

Search = Callable[..., list[int]]


@pytest.fixture
def search(client: FlaskClient, auth_headers: Headers) -> Search:
    """Search, and return the ids of those who are found."""

    def find(word: str, **criteria: str) -> list[int]:
        answer = client.get(USERS, query_string={"q": word, **criteria}, headers=auth_headers)
        document = answer.get_json()
        assert answer.status_code == 200, document
        assert (document["total"], document["total_relation"]) == (len(document["users"]), "eq")
        return [user["id"] for user in document["users"]]

    return find


@pytest.fixture
def grace(db_session: Session) -> int:
    return add_user_row(
        db_session, "admiral@navy.example", first_name="Grace", last_name="O'Hopper %_!\\ Ünlü"
    )


@pytest.mark.parametrize(
    "word",
    [
        "Grace",
        "grace",
        "GRA",
        "rac",
        "hopper",
        "grace o'hop",
        "admiral@navy.example",
        "navy.ex",
        "O'H",
        "%_!",
        "!\\ ",
        "nlü",
    ],
)
def test_part_of_the_names_or_the_address_is_found(search: Search, grace: int, word: str) -> None:
    assert search(word) == [grace]


@pytest.mark.usefixtures("grace")
@pytest.mark.parametrize(
    "word",
    [
        "%%%",
        "___",
        "gr%e",
        "G_ace",
        "gr*",
        "grace admiral",
        "hopper grace",
        '"""',
        "gra OR xxx",
        'xxx" OR "gra',
        "' OR 1=1 --",
        "\\\\\\",
    ],
)
def test_nothing_stands_for_other_text(search: Search, word: str) -> None:
    assert search(word) == []


def test_a_name_that_was_changed_is_found_as_it_is_now(
    search: Search, db_session: Session, grace: int
) -> None:
    set_columns(db_session, grace, last_name="Murray")

    assert (search("murray"), search("hopper")) == ([grace], [])


def test_whoever_is_gone_is_not_found(search: Search, db_session: Session, grace: int) -> None:
    set_columns(db_session, grace, deleted_at=NOON)

    assert search("grace") == []


def test_criteria_hold_for_who_is_found(search: Search, db_session: Session, grace: int) -> None:
    inactive = add_user_row(db_session, "g@example.com", first_name="Graceful", is_active=False)

    assert search("grace") == [grace]
    assert search("grace", is_active="false") == [inactive]


@pytest.mark.parametrize("sort", ["-created_at", "created_at", "name", "-email"])
def test_whoever_has_that_very_address_comes_first(
    search: Search, db_session: Session, sort: str
) -> None:
    for number, name in enumerate(("a.zoe", "zoe", "z.zoe")):
        add_user_row(
            db_session,
            f"{name}@example.com",
            created_at=at_minute(number),
            last_name=name,
        )
    set_columns(db_session, search("a.zoe@")[0], last_name="zoe")

    found = search("Zoe@example.com", sort=sort)

    assert len(found) == 3
    assert found[0] == search("zoe@example.com", sort="created_at")[0]
    assert found[0] not in search("a.zoe@") + search("z.zoe@")


@pytest.mark.parametrize("sort", ["-created_at", "name"])
@pytest.mark.parametrize("address", ["zoe@example.com", "zoe@example.org"])
def test_what_is_found_comes_in_pages_both_ways(
    client: FlaskClient, auth_headers: Headers, db_session: Session, sort: str, address: str
) -> None:
    for number in range(5):
        add_user_row(db_session, f"{number}zoe@example.com", created_at=at_minute(number))
    exact = add_user_row(db_session, address, created_at=at_minute(2), last_name="zoe@example.com")
    query = {"q": "zoe@example.com", "per_page": "2", "sort": sort}

    def read(direction: str, cursor: str | None) -> list[list[int]]:
        pages = []
        while True:
            chosen = {**query, "cursor": cursor} if cursor else query
            page = client.get(USERS, query_string=chosen, headers=auth_headers).get_json()
            pages.append([user["id"] for user in page["users"]])
            last.append(page)
            cursor = page[direction]
            if cursor is None:
                return pages

    last: list[dict[str, str]] = []
    forward = read("next", None)
    backward = read("prev", last[-1]["prev"])

    assert (forward[0][0] == exact) is (address == query["q"])
    found = [user_id for page in forward for user_id in page]
    assert (len(found), len({*found})) == (6, 6)
    assert backward == forward[-2::-1]


def test_who_takes_the_address_meanwhile_moves_nobody_else(
    client: FlaskClient, auth_headers: Headers, db_session: Session
) -> None:
    expected = [
        add_user_row(db_session, f"{number}zoe@example.com", created_at=at_minute(9 - number))
        for number in range(4)
    ]
    query = {"q": "zoe@example.com", "per_page": "2"}

    first = client.get(USERS, query_string=query, headers=auth_headers).get_json()
    newcomer = add_user_row(db_session, "zoe@example.com", created_at=at_minute(5))
    query["cursor"] = first["next"]
    second = client.get(USERS, query_string=query, headers=auth_headers).get_json()
    query["cursor"] = second["prev"]
    query["per_page"] = "9"
    back = client.get(USERS, query_string=query, headers=auth_headers).get_json()

    assert [it["id"] for it in first["users"] + second["users"]] == expected
    assert [it["id"] for it in back["users"]] == [newcomer, *expected[:2]]


def test_what_is_ranked_is_read_whole_only_for_whoever_has_the_address(
    app: Flask, client: FlaskClient, auth_headers: Headers, db_session: Session
) -> None:
    def statements() -> list[str]:
        query = {"q": "zoe@example.com"}
        sent = statements_of(
            app, lambda: client.get(USERS, query_string=query, headers=auth_headers)
        )
        return [statement for statement, _ in sent if "rank" in statement]

    add_user_row(db_session, "0zoe@example.com")
    assert statements() == []
    add_user_row(db_session, "zoe@example.com")
    assert statements() != []


@pytest.mark.any_database
@pytest.mark.parametrize("word", ["", "ab", "x" * 255, "a\x00b", "a\nb"])
def test_what_cannot_be_searched_for_is_refused(
    client: FlaskClient, auth_headers: Headers, word: str
) -> None:
    answer = client.get(USERS, query_string={"q": word}, headers=auth_headers)

    assert (answer.status_code, parameters(answer)) == (400, ["q"])
