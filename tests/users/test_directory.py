"""A directory that is kept to admins: others learn of nobody but themselves."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from contract.declared import ids_for, path_of
from contract.operations import operations_of
from support.accounts import Account, Headers
from support.answers import verdict
from support.applications import application, settings_for_testing
from support.paths import ME, USERS
from support.rows import UNKNOWN_ID
from userapi.directory.service import DirectoryService
from userapi.posts.service import PostService
from userapi.users.policy import Directory, directory_rules
from userapi.users.service import UserService
from userapi.web.api import Api
from userapi.web.services import provided

pytestmark = [pytest.mark.any_database, pytest.mark.usefixtures("kept_to_admins")]

REFUSED = (403, "not-allowed")


def document_of(app: Flask) -> dict[str, Any]:
    """Return the application's OpenAPI document."""
    with app.app_context():
        return provided(Api).document()


@pytest.fixture
def kept_to_admins(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the directory to admins."""
    with app.app_context():
        profiles, directory = provided(UserService), provided(DirectoryService)
        posts = provided(PostService)
    rules = directory_rules(Directory.ADMINS)
    monkeypatch.setattr(profiles, "_directory", rules)
    monkeypatch.setattr(directory, "_rules", rules)
    monkeypatch.setattr(posts, "_directory", rules)


@pytest.mark.parametrize("query", ["", "?active_only=false", "?per_page=1&page=2"])
def test_a_member_may_not_list_users(
    client: FlaskClient, auth_headers: Headers, query: str
) -> None:
    assert verdict(client.get(f"{USERS}{query}", headers=auth_headers)) == REFUSED


def test_a_moderator_may_not_either(client: FlaskClient, moderator_headers: Headers) -> None:
    assert verdict(client.get(USERS, headers=moderator_headers)) == REFUSED


def test_a_member_may_not_read_others(
    client: FlaskClient, other_user: Account, auth_headers: Headers
) -> None:
    assert verdict(client.get(other_user.path, headers=auth_headers)) == REFUSED
    assert client.head(other_user.path, headers=auth_headers).status_code == 403


def test_that_there_is_nobody_is_not_told_either(
    client: FlaskClient, auth_headers: Headers
) -> None:
    assert verdict(client.get(f"{USERS}/{UNKNOWN_ID}", headers=auth_headers)) == REFUSED


def test_a_known_version_does_not_tell_that_it_is_current(
    client: FlaskClient, other_user: Account, auth_headers: Headers, admin_headers: Headers
) -> None:
    etag = client.get(other_user.path, headers=admin_headers).headers["ETag"]

    answer = client.get(other_user.path, headers={**auth_headers, "If-None-Match": etag})

    assert verdict(answer) == REFUSED


def test_members_read_themselves(client: FlaskClient, user: Account, auth_headers: Headers) -> None:
    own = client.get(ME, headers=auth_headers).get_json()

    assert client.get(user.path, headers=auth_headers).get_json() == own


def test_an_admin_lists_and_reads_everybody(
    client: FlaskClient, user: Account, auth_headers: Headers, admin_headers: Headers
) -> None:
    read = client.get(user.path, headers=admin_headers).get_json()

    assert read == client.get(ME, headers=auth_headers).get_json()
    assert read in client.get(USERS, headers=admin_headers).get_json()["users"]


def test_no_read_names_anybody_else(
    app: Flask, db_session: Session, other_user: Account, auth_headers: Headers
) -> None:
    ids = ids_for(db_session, other_user.id)
    reads = [it for it in operations_of(document_of(app)) if it.method == "GET"]
    client = app.test_client()

    answers = {
        it.name: client.get(path_of(it.path, ids), headers=auth_headers).text for it in reads
    }

    assert len(answers) > 5
    assert [name for name, text in answers.items() if other_user.email in text] == []


def test_the_setting_keeps_the_directory_and_leaves_the_document(
    app: Flask, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'none.sqlite'}"

    with application(settings_for_testing(url, tmp_path, DIRECTORY="admins")) as kept:
        assert document_of(kept) == document_of(app)
        with kept.app_context():
            for service in (UserService, PostService):
                assert vars(provided(service))["_directory"] == directory_rules(Directory.ADMINS)


def test_posts_tell_others_nothing_of_which_users_there_are(
    client: FlaskClient, auth_headers: Headers, admin_headers: Headers
) -> None:
    path = f"{USERS}/{UNKNOWN_ID}/posts"

    assert client.get(path, headers=auth_headers).get_json()["posts"] == []
    assert verdict(client.get(path, headers=admin_headers)) == (404, "user-not-found")
