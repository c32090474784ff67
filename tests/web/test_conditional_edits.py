"""`If-Match`: an edit is made only of the version that it was made for."""

from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Table, select, update
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.samples import POSTS, add_post_row
from support.accounts import Account, Headers
from support.answers import assert_problem, verdict
from support.paths import USERS
from support.rows import UNKNOWN_ID
from userapi.features import metadata
from web.callers import Body, cases

pytestmark = pytest.mark.any_database

VERSION = 7
"""The version that the edited row has."""
EDITS: dict[str, tuple[str, str, Body | None]] = {
    "rename-user": ("PATCH", "users", {"first_name": "Augusta"}),
    "deactivate-user": ("PATCH", "users", {"is_active": False}),
    "delete-user": ("DELETE", "users", None),
    "update-post": ("PATCH", "posts", {"title": "Title"}),
    "delete-post": ("DELETE", "posts", None),
}
PATHS = {"users": USERS, "posts": POSTS}
CURRENT = f'"{{id}}-{VERSION}"'
STALE = f'"{{id}}-{VERSION - 1}"'


@dataclass(frozen=True)
class Edit:
    """An edit of a user or a post by an admin who may, and the row that it is about."""

    client: FlaskClient
    headers: Headers
    session: Session
    method: str
    table: Table
    row_id: int
    body: Body | None

    def send(self, if_match: str | None = None, **changes: Any) -> TestResponse:
        """Send the edit; `{id}` in the header stands for the row's id."""
        headers = dict(changes.pop("headers", self.headers))
        if if_match is not None:
            headers["If-Match"] = if_match.replace("{id}", str(self.row_id))
        path = f"{PATHS[self.table.name]}/{changes.pop('row_id', self.row_id)}"
        request = {"json": self.body, **changes}
        return self.client.open(path, method=self.method, headers=headers, **request)

    def row(self) -> dict[str, Any]:
        """Return the whole row as it is now; an empty one when it is gone."""
        rows = self.session.execute(select(self.table).where(self.table.c.id == self.row_id))
        return dict(rows.mappings().one_or_none() or {})

    def assert_made(self, answer: TestResponse) -> None:
        """Fail unless the edit is made and has counted up the version, or removed the row."""
        assert answer.status_code == (200 if self.method == "PATCH" else 204)
        is_removed = (self.method, self.table.name) == ("DELETE", "posts")
        assert self.row().get("version") == (None if is_removed else VERSION + 1)


@pytest.fixture
def ids(db_session: Session, user: Account) -> dict[str, int]:
    """The ids of what is edited: a user, and a post by that user."""
    return {"users": user.id, "posts": add_post_row(db_session, user.id)}


def edit_of(
    kind: str, client: FlaskClient, headers: Headers, session: Session, ids: dict[str, int]
) -> Edit:
    method, name, body = EDITS[kind]
    table = metadata.tables[name]
    session.execute(update(table).where(table.c.id == ids[name]).values(version=VERSION))
    session.commit()
    return Edit(client, headers, session, method, table, ids[name], body)


@pytest.fixture(params=EDITS)
def edit(
    request: pytest.FixtureRequest,
    client: FlaskClient,
    admin_headers: Headers,
    db_session: Session,
    ids: dict[str, int],
) -> Edit:
    """Each edit that can be conditional."""
    return edit_of(request.param, client, admin_headers, db_session, ids)


@pytest.fixture(params=["rename-user", "update-post"])
def change(
    request: pytest.FixtureRequest,
    client: FlaskClient,
    admin_headers: Headers,
    db_session: Session,
    ids: dict[str, int],
) -> Edit:
    """Each edit after which there is a next one."""
    return edit_of(request.param, client, admin_headers, db_session, ids)


@pytest.mark.any_database
@cases(
    {
        "current": CURRENT,
        "first-of-several": f'{CURRENT}, "1000000-1", "other"',
        "last-of-several": f'"other", W/"other", {STALE}, {CURRENT}',
        "without-blanks": f'"other",{CURRENT},"1000000-1"',
        "made-weak-by-a-proxy": f"W/{CURRENT}",
        "marked-by-a-proxy": f'"{{id}}-{VERSION}-gzip"',
        "any": "*",
    }
)
def test_edit_of_the_current_version_is_made(edit: Edit, case: str) -> None:
    edit.assert_made(edit.send(case))


def test_edit_without_the_header_is_made(edit: Edit) -> None:
    edit.assert_made(edit.send())


@cases(
    {
        "stale": STALE,
        "several-stale": f'"{{id}}-1", "{{id}}-2", {STALE}',
        "of-the-future": f'"{{id}}-{VERSION + 1}"',
        "weak-stale": f"W/{STALE}",
        "marked-stale": f'"{{id}}-{VERSION - 1}-gzip"',
        "of-another": f'"1000000-{VERSION}"',
        "garbage": '"%$&"',
        "empty-tag": '""',
        "18-digits": f'"{{id}}-{"9" * 18}"',
        "900-digits": f'"{{id}}-{"9" * 900}"',
    }
)
def test_edit_of_another_version_is_not_made(edit: Edit, case: str) -> None:
    before = edit.row()

    answer = edit.send(case)

    assert_problem(answer, 412, "stale-version")
    assert edit.row() == before


@pytest.mark.any_database
@pytest.mark.parametrize("condition", ["", '"', f'"{{id}}-{"9" * 1000}"'])
def test_malformed_header_is_refused_by_name(edit: Edit, condition: str) -> None:
    before = edit.row()

    problem = assert_problem(edit.send(condition), 400, "invalid-input")

    assert [error["parameter"] for error in problem["errors"]] == ["If-Match"]
    assert edit.row() == before


@pytest.mark.any_database
def test_empty_object_for_another_version_is_stale(change: Edit) -> None:
    assert_problem(change.send(STALE, json={}), 412, "stale-version")


def test_empty_object_for_the_current_version_changes_nothing(change: Edit) -> None:
    before = change.row()

    answer = change.send(CURRENT, json={})

    assert answer.status_code == 200
    assert change.row() == before


def test_one_of_two_edits_of_a_version_is_made(change: Edit) -> None:
    change.send(CURRENT)
    first = change.row()

    answer = change.send(CURRENT, json=dict.fromkeys(change.body or {}, "Later"))

    assert_problem(answer, 412, "stale-version")
    assert change.row() == first


def test_tag_of_an_edit_allows_the_next(change: Edit) -> None:
    tag = change.send(CURRENT).headers["ETag"]

    answer = change.send(tag, json=dict.fromkeys(change.body or {}, "Later"))

    assert answer.status_code == 200


def test_repeated_edit_that_changes_nothing_leaves_the_version(change: Edit) -> None:
    change.send(CURRENT)

    answer = change.send(f'"{{id}}-{VERSION + 1}"')

    change.assert_made(answer)


def test_without_the_header_the_last_write_wins(change: Edit) -> None:
    (field,) = change.body or {}

    answers = [change.send(json={field: text}) for text in ("First", "Last")]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert change.row()[field] == "Last"


def test_deleted_object_is_not_found_with_its_last_tag(edit: Edit) -> None:
    edit.client.delete(f"{PATHS[edit.table.name]}/{edit.row_id}", headers=edit.headers)

    answer = edit.send(CURRENT)

    assert answer.status_code == 404


@pytest.mark.any_database
@pytest.mark.parametrize("condition", [STALE, "*"])
def test_missing_token_comes_first(edit: Edit, condition: str) -> None:
    answer = edit.send(condition, headers={})

    assert_problem(answer, 401, "token-missing")


@pytest.mark.any_database
@pytest.mark.parametrize("condition", [STALE, CURRENT, "*"])
def test_missing_right_comes_first(edit: Edit, other_headers: Headers, condition: str) -> None:
    before = edit.row()

    answer = edit.send(condition, headers=other_headers)

    assert_problem(answer, 403, "not-allowed")
    assert edit.row() == before


@pytest.mark.any_database
@pytest.mark.parametrize("condition", [STALE, f'"{UNKNOWN_ID}-1"', "*"])
def test_unknown_id_comes_first(edit: Edit, condition: str) -> None:
    answer = edit.send(condition, row_id=UNKNOWN_ID)

    kind = edit.table.name.removesuffix("s")
    assert verdict(answer) == (404, f"{kind}-not-found")


@pytest.mark.any_database
def test_mistake_in_the_body_comes_first(change: Edit) -> None:
    assert_problem(change.send(STALE, json={"colour": "red"}), 400, "invalid-input")


# If-None-Match


@pytest.mark.any_database
@cases({"any": "*", "current": CURRENT, "weak": f"W/{CURRENT}", "another-version": STALE})
def test_edit_that_asks_for_no_object_is_not_made(edit: Edit, case: str) -> None:
    before = edit.row()
    condition = case.replace("{id}", str(edit.row_id))

    answer = edit.send(headers={**edit.headers, "If-None-Match": condition})

    assert_problem(answer, 412, "stale-version")
    assert edit.row() == before


@pytest.mark.any_database
@cases({"of-another": f'"1000000-{VERSION}"', "garbage": '"%$&"'})
def test_edit_that_asks_for_no_other_object_is_made(edit: Edit, case: str) -> None:
    edit.assert_made(edit.send(headers={**edit.headers, "If-None-Match": case}))


@pytest.mark.any_database
def test_both_conditions_have_to_hold(edit: Edit) -> None:
    headers = {**edit.headers, "If-None-Match": "*"}

    assert_problem(edit.send(CURRENT, headers=headers), 412, "stale-version")
