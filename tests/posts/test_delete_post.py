from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from posts.samples import DRAFT, POSTS, post_column_of
from support.accounts import Headers
from support.answers import verdict
from support.rows import UNKNOWN_ID


def test_authors_delete_their_posts(
    client: FlaskClient, db_session: Session, post_id: int, post_path: str, auth_headers: Headers
) -> None:
    answer = client.delete(post_path, headers=auth_headers)

    assert (answer.status_code, answer.data) == (204, b"")
    assert post_column_of(db_session, post_id, "id") is None


def test_a_deleted_post_is_not_found(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    client.delete(post_path, headers=auth_headers)

    answer = client.get(post_path, headers=auth_headers)

    assert verdict(answer) == (404, "post-not-found")


def test_deleting_twice_finds_nothing(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    client.delete(post_path, headers=auth_headers)

    answer = client.delete(post_path, headers=auth_headers)

    assert verdict(answer) == (404, "post-not-found")


def test_a_deleted_post_is_not_listed(
    client: FlaskClient, post_path: str, auth_headers: Headers
) -> None:
    client.delete(post_path, headers=auth_headers)

    document = client.get(POSTS, headers=auth_headers).get_json()

    assert (document["posts"], document["total"]) == ([], 0)


def test_the_id_of_a_deleted_post_is_not_used_again(
    client: FlaskClient, post_id: int, post_path: str, auth_headers: Headers
) -> None:
    client.delete(post_path, headers=auth_headers)

    document = client.post(POSTS, json=DRAFT, headers=auth_headers).get_json()

    assert document["id"] > post_id


def test_admins_delete_the_posts_of_others(
    client: FlaskClient, post_path: str, admin_headers: Headers
) -> None:
    answer = client.delete(post_path, headers=admin_headers)

    assert answer.status_code == 204


def test_moderators_delete_the_posts_of_others(
    client: FlaskClient, post_path: str, moderator_headers: Headers
) -> None:
    answer = client.delete(post_path, headers=moderator_headers)

    assert answer.status_code == 204


def test_others_do_not_delete_posts(
    client: FlaskClient, db_session: Session, post_id: int, post_path: str, other_headers: Headers
) -> None:
    answer = client.delete(post_path, headers=other_headers)

    assert verdict(answer) == (403, "not-allowed")
    assert post_column_of(db_session, post_id, "id") == post_id


def test_an_unknown_post_is_not_found(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.delete(f"{POSTS}/{UNKNOWN_ID}", headers=auth_headers)

    assert verdict(answer) == (404, "post-not-found")
