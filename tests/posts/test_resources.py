from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.rows import add_post_row, post_column_of
from support.accounts import Account
from userapi.posts.models import Post
from users.rows import NOON, add_user_row, at_minute, set_columns

POSTS = "/api/v1/posts"
USERS = "/api/v1/users"
UNKNOWN = f"{POSTS}/{2**63 - 1}"
DRAFT = {"title": "On Notes", "content": "Notes are\nuseful."}
BAD_PARAMETERS = [
    ("page", "0"),
    ("page", "x"),
    ("per_page", "0"),
    ("per_page", "101"),
    ("active_only", "true"),
]


@pytest.fixture
def post_id(db_session: Session, user: Account) -> int:
    """A post by `user`, of some time ago."""
    return add_post_row(db_session, user.id, created_at=NOON)


@pytest.fixture
def item(post_id: int) -> str:
    """The path of the post by `user`."""
    return f"{POSTS}/{post_id}"


def listed_ids(document: dict[str, Any]) -> list[int]:
    return [post["id"] for post in document["posts"]]


def verdict(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json()["code"]


def pointers(answer: TestResponse) -> list[str]:
    return [error["pointer"] for error in answer.get_json()["errors"]]


class TestPublishing:
    def test_a_post_is_answered_as_it_was_sent(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        answer = client.post(POSTS, json=DRAFT, headers=auth_headers)

        assert answer.status_code == 201
        document = answer.get_json()
        del document["id"], document["created_at"], document["updated_at"]
        assert document == {**DRAFT, "author_id": user.id}

    def test_the_id_is_a_positive_integer(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        post_id = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()["id"]

        assert type(post_id) is int
        assert post_id > 0

    def test_the_location_leads_to_the_post(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.post(POSTS, json=DRAFT, headers=auth_headers)

        found = client.get(answer.headers["Location"], headers=auth_headers)
        assert found.get_json() == answer.get_json()

    def test_a_new_post_was_changed_when_it_was_made(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        document = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()

        assert document["updated_at"] == document["created_at"]

    def test_without_a_token_nothing_is_published(
        self, client: FlaskClient, db_session: Session
    ) -> None:
        answer = client.post(POSTS, json=DRAFT)

        assert verdict(answer) == (401, "token-missing")
        assert db_session.scalar(select(func.count()).select_from(Post)) == 0

    @pytest.mark.parametrize("field", ["title", "content"])
    def test_a_missing_field_is_named(
        self, client: FlaskClient, auth_headers: dict[str, str], field: str
    ) -> None:
        draft = {name: text for name, text in DRAFT.items() if name != field}

        answer = client.post(POSTS, json=draft, headers=auth_headers)

        assert answer.status_code == 400
        assert pointers(answer) == [f"/{field}"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", None),
            ("title", ""),
            ("title", "x" * 201),
            ("title", 7),
            ("content", None),
            ("content", ""),
            ("content", "x" * 50_001),
            ("content", {}),
        ],
    )
    def test_a_bad_value_is_refused_by_name(
        self, client: FlaskClient, auth_headers: dict[str, str], field: str, value: Any
    ) -> None:
        answer = client.post(POSTS, json={**DRAFT, field: value}, headers=auth_headers)

        assert verdict(answer) == (400, "invalid-input")
        assert pointers(answer) == [f"/{field}"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", "x"),
            ("title", "ö" * 200),
            ("content", "x"),
            ("content", "ö" * 50_000),
        ],
    )
    def test_the_limits_themselves_are_allowed(
        self, client: FlaskClient, auth_headers: dict[str, str], field: str, value: str
    ) -> None:
        answer = client.post(POSTS, json={**DRAFT, field: value}, headers=auth_headers)

        assert answer.status_code == 201
        assert answer.get_json()[field] == value

    @pytest.mark.parametrize("field", ["id", "author_id", "created_at", "updated_at", "draft"])
    def test_no_other_field_can_be_set(
        self, client: FlaskClient, auth_headers: dict[str, str], field: str
    ) -> None:
        answer = client.post(POSTS, json={**DRAFT, field: 7}, headers=auth_headers)

        assert answer.status_code == 400
        assert pointers(answer) == [f"/{field}"]

    def test_publishing_takes_no_parameters(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.post(f"{POSTS}?author_id=7", json=DRAFT, headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["author_id"]


class TestListing:
    def test_without_posts_there_are_no_pages(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(POSTS, headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json() == {
            "posts": [],
            "page": 1,
            "per_page": 20,
            "total": 0,
            "pages": 0,
        }

    def test_a_listed_post_looks_like_one_that_is_read(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(POSTS, headers=auth_headers).get_json()

        assert document["posts"] == [client.get(item, headers=auth_headers).get_json()]

    def test_the_newest_come_first(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        middle = add_post_row(db_session, user.id, created_at=at_minute(2))
        oldest = add_post_row(db_session, user.id, created_at=at_minute(1))
        newest = add_post_row(db_session, user.id, created_at=at_minute(3))

        document = client.get(POSTS, headers=auth_headers).get_json()

        assert listed_ids(document) == [newest, middle, oldest]

    def test_posts_of_the_same_moment_are_ordered_by_id(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(4)]

        document = client.get(POSTS, headers=auth_headers).get_json()

        assert listed_ids(document) == [*reversed(ids)]

    def test_a_changed_post_keeps_its_place(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        older = add_post_row(db_session, user.id, created_at=at_minute(1))
        newer = add_post_row(db_session, user.id, created_at=at_minute(2))
        client.patch(f"{POSTS}/{older}", json={"title": "T"}, headers=auth_headers)

        document = client.get(POSTS, headers=auth_headers).get_json()

        assert listed_ids(document) == [newer, older]

    def test_the_last_page_has_the_rest(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(3)]

        document = client.get(f"{POSTS}?page=2&per_page=2", headers=auth_headers).get_json()

        assert listed_ids(document) == [ids[0]]
        del document["posts"]
        assert document == {"page": 2, "per_page": 2, "total": 3, "pages": 2}

    def test_a_page_past_the_end_is_an_empty_list(
        self, client: FlaskClient, post_id: int, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{POSTS}?page=9", headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json() == {
            "posts": [],
            "page": 9,
            "per_page": 20,
            "total": 1,
            "pages": 1,
        }

    @pytest.mark.parametrize(("name", "value"), BAD_PARAMETERS)
    def test_a_bad_parameter_is_refused_by_name(
        self, client: FlaskClient, auth_headers: dict[str, str], name: str, value: str
    ) -> None:
        answer = client.get(POSTS, query_string={name: value}, headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == [name]

    def test_a_repeated_parameter_is_refused_by_name(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{POSTS}?page=1&page=1", headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["page"]

    def test_the_posts_of_a_deleted_user_stay_listed(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        post_id: int,
        other_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, deleted_at=NOON)

        document = client.get(POSTS, headers=other_headers).get_json()

        assert listed_ids(document) == [post_id]

    def test_deleting_a_user_over_http_leaves_its_posts(
        self,
        client: FlaskClient,
        user: Account,
        item: str,
        admin_headers: dict[str, str],
    ) -> None:
        client.delete(f"{USERS}/{user.id}", headers=admin_headers)

        answer = client.get(item, headers=admin_headers)

        assert answer.status_code == 200
        assert answer.get_json()["author_id"] == user.id


class TestOneUsersPosts:
    def test_only_that_users_posts_are_listed(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        other_user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        older = add_post_row(db_session, other_user.id, created_at=at_minute(1))
        newer = add_post_row(db_session, other_user.id, created_at=at_minute(2))
        add_post_row(db_session, user.id)

        document = client.get(f"{USERS}/{other_user.id}/posts", headers=auth_headers).get_json()

        assert listed_ids(document) == [newer, older]
        del document["posts"]
        assert document == {"page": 1, "per_page": 20, "total": 2, "pages": 1}

    def test_posts_of_the_same_moment_are_ordered_by_id(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        ids = [add_post_row(db_session, user.id, created_at=NOON) for _ in range(4)]

        document = client.get(f"{USERS}/{user.id}/posts", headers=auth_headers).get_json()

        assert listed_ids(document) == [*reversed(ids)]

    def test_a_user_without_posts_has_no_pages(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(f"{USERS}/{user.id}/posts", headers=auth_headers).get_json()

        assert (document["posts"], document["total"], document["pages"]) == ([], 0, 0)

    def test_a_page_past_the_end_is_an_empty_list(
        self, client: FlaskClient, user: Account, post_id: int, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(f"{USERS}/{user.id}/posts?page=2", headers=auth_headers).get_json()

        assert (document["posts"], document["total"], document["pages"]) == ([], 1, 1)

    def test_a_deactivated_users_posts_are_listed(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        post_id: int,
        other_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        document = client.get(f"{USERS}/{user.id}/posts", headers=other_headers).get_json()

        assert listed_ids(document) == [post_id]

    def test_a_deleted_user_is_not_found(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        post_id: int,
        other_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, deleted_at=NOON)

        answer = client.get(f"{USERS}/{user.id}/posts", headers=other_headers)

        assert verdict(answer) == (404, "user-not-found")

    def test_an_unknown_user_is_not_found(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{USERS}/{2**63 - 1}/posts", headers=auth_headers)

        assert verdict(answer) == (404, "user-not-found")

    @pytest.mark.parametrize(("name", "value"), BAD_PARAMETERS)
    def test_a_bad_parameter_is_refused_by_name(
        self,
        client: FlaskClient,
        user: Account,
        auth_headers: dict[str, str],
        name: str,
        value: str,
    ) -> None:
        answer = client.get(
            f"{USERS}/{user.id}/posts", query_string={name: value}, headers=auth_headers
        )

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == [name]


class TestReading:
    def test_a_post_is_told_in_full(
        self,
        client: FlaskClient,
        user: Account,
        post_id: int,
        item: str,
        other_headers: dict[str, str],
    ) -> None:
        document = client.get(item, headers=other_headers).get_json()

        moments = [
            datetime.fromisoformat(document.pop(f"{verb}_at")) for verb in ("created", "updated")
        ]
        assert moments == [NOON, NOON]
        assert document == {**DRAFT, "id": post_id, "author_id": user.id}

    @pytest.mark.parametrize("field", ["created_at", "updated_at"])
    def test_times_are_in_utc_with_their_offset(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str], field: str
    ) -> None:
        text = client.get(item, headers=auth_headers).get_json()[field]

        assert datetime.fromisoformat(text).utcoffset() == timedelta(0)

    def test_an_unknown_post_is_not_found(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(UNKNOWN, headers=auth_headers)

        assert verdict(answer) == (404, "post-not-found")

    def test_reading_takes_no_parameters(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{item}?fields=id", headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["fields"]


class TestChanging:
    def test_authors_change_their_posts(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item, json={"title": "T", "content": "C"}, headers=auth_headers)

        assert answer.status_code == 200
        document = answer.get_json()
        assert (document["title"], document["content"]) == ("T", "C")

    def test_a_change_is_answered_as_it_is_read_later(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item, json={"title": "T"}, headers=auth_headers)

        assert answer.get_json() == client.get(item, headers=auth_headers).get_json()

    @pytest.mark.parametrize(("field", "other"), [("title", "content"), ("content", "title")])
    def test_a_field_left_out_stays(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str], field: str, other: str
    ) -> None:
        document = client.patch(item, json={field: "New"}, headers=auth_headers).get_json()

        assert document[other] == DRAFT[other]

    def test_a_change_moves_updated_at_alone(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        document = client.patch(item, json={"title": "T"}, headers=auth_headers).get_json()

        assert datetime.fromisoformat(document["created_at"]) == NOON
        assert datetime.fromisoformat(document["updated_at"]) > NOON

    def test_an_empty_object_changes_nothing(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        before = client.get(item, headers=auth_headers).get_json()

        answer = client.patch(item, json={}, headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json() == before
        assert client.get(item, headers=auth_headers).get_json() == before

    def test_admins_change_posts_and_leave_them_to_their_authors(
        self, client: FlaskClient, user: Account, item: str, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item, json={"title": "T"}, headers=admin_headers)

        assert answer.status_code == 200
        document = answer.get_json()
        assert (document["title"], document["author_id"]) == ("T", user.id)

    @pytest.mark.parametrize("change", [{"title": "Stolen"}, {}])
    def test_others_do_not_change_posts(
        self,
        client: FlaskClient,
        db_session: Session,
        post_id: int,
        other_headers: dict[str, str],
        change: dict[str, str],
    ) -> None:
        answer = client.patch(f"{POSTS}/{post_id}", json=change, headers=other_headers)

        assert verdict(answer) == (403, "not-allowed")
        assert post_column_of(db_session, post_id, "title") == DRAFT["title"]

    def test_admins_change_the_posts_of_deleted_users(
        self, client: FlaskClient, db_session: Session, admin_headers: dict[str, str]
    ) -> None:
        deleted = add_user_row(db_session, "old@example.com", deleted_at=NOON)
        post_id = add_post_row(db_session, deleted)

        answer = client.patch(f"{POSTS}/{post_id}", json={"title": "T"}, headers=admin_headers)

        assert answer.status_code == 200

    def test_an_unknown_post_is_not_found(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(UNKNOWN, json={"title": "T"}, headers=auth_headers)

        assert verdict(answer) == (404, "post-not-found")

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("title", None),
            ("title", ""),
            ("title", "x" * 201),
            ("content", None),
            ("content", ""),
            ("content", "x" * 50_001),
            ("id", 7),
            ("author_id", 7),
            ("created_at", "2026-01-31T09:30:00+00:00"),
            ("updated_at", "2026-01-31T09:30:00+00:00"),
        ],
    )
    def test_a_bad_field_is_refused_by_name(
        self,
        client: FlaskClient,
        item: str,
        auth_headers: dict[str, str],
        field: str,
        value: Any,
    ) -> None:
        answer = client.patch(item, json={field: value}, headers=auth_headers)

        assert answer.status_code == 400
        assert pointers(answer) == [f"/{field}"]


class TestDeleting:
    def test_authors_delete_their_posts(
        self,
        client: FlaskClient,
        db_session: Session,
        post_id: int,
        item: str,
        auth_headers: dict[str, str],
    ) -> None:
        answer = client.delete(item, headers=auth_headers)

        assert (answer.status_code, answer.data) == (204, b"")
        assert post_column_of(db_session, post_id, "id") is None

    def test_a_deleted_post_is_not_found(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        client.delete(item, headers=auth_headers)

        answer = client.get(item, headers=auth_headers)

        assert verdict(answer) == (404, "post-not-found")

    def test_deleting_twice_finds_nothing(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        client.delete(item, headers=auth_headers)

        answer = client.delete(item, headers=auth_headers)

        assert verdict(answer) == (404, "post-not-found")

    def test_a_deleted_post_is_not_listed(
        self, client: FlaskClient, item: str, auth_headers: dict[str, str]
    ) -> None:
        client.delete(item, headers=auth_headers)

        document = client.get(POSTS, headers=auth_headers).get_json()

        assert (document["posts"], document["total"]) == ([], 0)

    def test_the_id_of_a_deleted_post_is_not_used_again(
        self, client: FlaskClient, post_id: int, item: str, auth_headers: dict[str, str]
    ) -> None:
        client.delete(item, headers=auth_headers)

        document = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()

        assert document["id"] > post_id

    def test_admins_delete_the_posts_of_others(
        self, client: FlaskClient, item: str, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(item, headers=admin_headers)

        assert answer.status_code == 204

    def test_others_do_not_delete_posts(
        self,
        client: FlaskClient,
        db_session: Session,
        post_id: int,
        item: str,
        other_headers: dict[str, str],
    ) -> None:
        answer = client.delete(item, headers=other_headers)

        assert verdict(answer) == (403, "not-allowed")
        assert post_column_of(db_session, post_id, "id") == post_id

    def test_an_unknown_post_is_not_found(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.delete(UNKNOWN, headers=auth_headers)

        assert verdict(answer) == (404, "post-not-found")
