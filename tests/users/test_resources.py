from datetime import datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from sessions.logins import open_login
from support.accounts import PASSWORD, Account, add_user, log_in
from users.rows import NOON, add_user_row, at_minute, column_of, set_columns

USERS = "/api/v1/users"
ME = f"{USERS}/me"
REFRESH = "/api/v1/auth/refresh"
UNKNOWN = f"{USERS}/{2**63 - 1}"
USER_KEYS = {
    "id",
    "email",
    "first_name",
    "last_name",
    "full_name",
    "is_active",
    "is_admin",
    "created_at",
    "updated_at",
}


def item(account: Account) -> str:
    return f"{USERS}/{account.id}"


def listed_ids(document: dict[str, Any]) -> list[int]:
    return [user["id"] for user in document["users"]]


@pytest.fixture
def second_admin(db_session: Session, password_hash: str) -> Account:
    """Another active administrator."""
    return add_user(db_session, password_hash, email="second@example.com", is_admin=True)


class TestDirectory:
    def test_a_list_comes_in_an_envelope(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(USERS, headers=auth_headers).get_json()

        assert listed_ids(document) == [user.id]
        del document["users"]
        assert document == {"page": 1, "per_page": 20, "total": 1, "pages": 1}

    def test_a_listed_user_looks_like_one_that_is_read(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(USERS, headers=auth_headers).get_json()

        assert document["users"] == [client.get(ME, headers=auth_headers).get_json()]

    def test_the_newest_come_first(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        middle = add_user_row(db_session, "b@example.com", created_at=at_minute(2))
        oldest = add_user_row(db_session, "a@example.com", created_at=at_minute(1))
        newest = add_user_row(db_session, "c@example.com", created_at=at_minute(3))
        set_columns(db_session, user.id, created_at=at_minute(0))

        document = client.get(USERS, headers=auth_headers).get_json()

        assert listed_ids(document) == [newest, middle, oldest, user.id]

    def test_users_of_the_same_moment_are_ordered_by_id(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]
        set_columns(db_session, user.id, created_at=NOON)

        document = client.get(USERS, headers=auth_headers).get_json()

        assert listed_ids(document) == [*reversed(ids), user.id]

    def test_pages_of_users_of_the_same_moment_neither_repeat_nor_omit_one(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        ids = [add_user_row(db_session, f"{n}@example.com", created_at=NOON) for n in range(4)]

        pages = [
            client.get(f"{USERS}?page={page}&per_page=2", headers=auth_headers).get_json()
            for page in (1, 2, 3)
        ]

        found = [user_id for document in pages for user_id in listed_ids(document)]
        assert sorted(found) == sorted([user.id, *ids])

    def test_the_last_page_has_the_rest(
        self, client: FlaskClient, db_session: Session, auth_headers: dict[str, str]
    ) -> None:
        add_user_row(db_session, "a@example.com")
        add_user_row(db_session, "b@example.com")

        document = client.get(f"{USERS}?page=2&per_page=2", headers=auth_headers).get_json()

        assert len(document.pop("users")) == 1
        assert document == {"page": 2, "per_page": 2, "total": 3, "pages": 2}

    def test_a_page_past_the_end_is_an_empty_list(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{USERS}?page=9", headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json() == {
            "users": [],
            "page": 9,
            "per_page": 20,
            "total": 1,
            "pages": 1,
        }

    @pytest.mark.parametrize("query", ["", "?active_only=true"])
    def test_deactivated_users_are_left_out(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
        query: str,
    ) -> None:
        add_user_row(db_session, "a@example.com", is_active=False)

        document = client.get(f"{USERS}{query}", headers=auth_headers).get_json()

        assert (listed_ids(document), document["total"]) == ([user.id], 1)

    def test_deactivated_users_are_listed_on_request(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        inactive = add_user_row(db_session, "a@example.com", is_active=False)

        document = client.get(f"{USERS}?active_only=false", headers=auth_headers).get_json()

        assert set(listed_ids(document)) == {user.id, inactive}

    @pytest.mark.parametrize("choice", ["true", "false"])
    def test_deleted_users_are_never_listed(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
        choice: str,
    ) -> None:
        add_user_row(db_session, "a@example.com", deleted_at=NOON)

        document = client.get(f"{USERS}?active_only={choice}", headers=auth_headers).get_json()

        assert (listed_ids(document), document["total"]) == ([user.id], 1)

    def test_a_hundred_users_fit_on_a_page(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(f"{USERS}?per_page=100", headers=auth_headers).get_json()

        assert document["per_page"] == 100

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("page", "0"),
            ("page", "-1"),
            ("page", "1.5"),
            ("page", "first"),
            ("page", ""),
            ("per_page", "0"),
            ("per_page", "101"),
            ("active_only", "yes"),
            ("active_only", "1"),
            ("active_only", ""),
            ("color", "red"),
        ],
    )
    def test_a_bad_parameter_is_refused_by_name(
        self, client: FlaskClient, auth_headers: dict[str, str], name: str, value: str
    ) -> None:
        answer = client.get(USERS, query_string={name: value}, headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == [name]

    @pytest.mark.parametrize("name", ["page", "per_page", "active_only", "color"])
    def test_a_repeated_parameter_is_refused_by_name(
        self, client: FlaskClient, auth_headers: dict[str, str], name: str
    ) -> None:
        answer = client.get(f"{USERS}?{name}=1&{name}=1", headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == [name]

    def test_every_bad_parameter_is_named_at_once(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{USERS}?page=0&per_page=x&color=red", headers=auth_headers)

        named = {error["parameter"] for error in answer.get_json()["errors"]}
        assert named == {"page", "per_page", "color"}


class TestCurrentUser:
    def test_me_is_the_caller(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(ME, headers=auth_headers).get_json()

        assert (document["id"], document["email"]) == (user.id, user.email)

    def test_me_is_what_the_others_see(
        self,
        client: FlaskClient,
        user: Account,
        auth_headers: dict[str, str],
        other_headers: dict[str, str],
    ) -> None:
        document = client.get(ME, headers=auth_headers).get_json()

        assert document == client.get(item(user), headers=other_headers).get_json()

    def test_me_is_as_fresh_as_the_answer(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, first_name="Augusta")

        document = client.get(ME, headers=auth_headers).get_json()

        assert document["full_name"] == "Augusta Lovelace"

    def test_me_takes_no_parameters(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{ME}?page=1", headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["page"]


class TestReading:
    def test_a_user_has_exactly_the_promised_fields(
        self, client: FlaskClient, user: Account, other_headers: dict[str, str]
    ) -> None:
        document = client.get(item(user), headers=other_headers).get_json()

        assert set(document) == USER_KEYS

    def test_a_user_is_told_in_full(
        self, client: FlaskClient, user: Account, other_headers: dict[str, str]
    ) -> None:
        document = client.get(item(user), headers=other_headers).get_json()

        del document["created_at"], document["updated_at"]
        assert document == {
            "id": user.id,
            "email": "ada@example.com",
            "first_name": "Ada",
            "last_name": "Lovelace",
            "full_name": "Ada Lovelace",
            "is_active": True,
            "is_admin": False,
        }

    @pytest.mark.parametrize("field", ["created_at", "updated_at"])
    def test_times_are_in_utc_with_their_offset(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
        field: str,
    ) -> None:
        written = column_of(db_session, user.id, field)

        text = client.get(ME, headers=auth_headers).get_json()[field]

        moment = datetime.fromisoformat(text)
        assert (moment, moment.utcoffset()) == (written, timedelta(0))

    def test_an_admin_is_shown_as_one(
        self, client: FlaskClient, admin_user: Account, auth_headers: dict[str, str]
    ) -> None:
        document = client.get(item(admin_user), headers=auth_headers).get_json()

        assert document["is_admin"] is True

    def test_a_deactivated_user_can_be_read(
        self, client: FlaskClient, db_session: Session, auth_headers: dict[str, str]
    ) -> None:
        inactive = add_user_row(db_session, "a@example.com", is_active=False)

        answer = client.get(f"{USERS}/{inactive}", headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json()["is_active"] is False

    def test_a_deleted_user_is_not_found(
        self, client: FlaskClient, db_session: Session, auth_headers: dict[str, str]
    ) -> None:
        deleted = add_user_row(db_session, "a@example.com", deleted_at=NOON)

        answer = client.get(f"{USERS}/{deleted}", headers=auth_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    def test_an_unknown_user_is_not_found(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(UNKNOWN, headers=auth_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    def test_a_user_takes_no_parameters(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(f"{item(user)}?fields=id", headers=auth_headers)

        assert answer.status_code == 400
        assert [error["parameter"] for error in answer.get_json()["errors"]] == ["fields"]


class TestChanging:
    def test_people_change_their_own_names(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(
            item(user), json={"first_name": "Augusta", "last_name": "King"}, headers=auth_headers
        )

        assert answer.status_code == 200
        assert answer.get_json()["full_name"] == "Augusta King"

    def test_a_change_is_answered_as_it_is_read_later(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(user), json={"first_name": "Augusta"}, headers=auth_headers)

        assert answer.get_json() == client.get(ME, headers=auth_headers).get_json()

    def test_a_field_left_out_stays(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(user), json={"last_name": "King"}, headers=auth_headers)

        assert answer.get_json()["first_name"] == "Ada"

    def test_a_change_moves_updated_at_alone(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        before = client.get(ME, headers=auth_headers).get_json()

        after = client.patch(
            item(user), json={"first_name": "Augusta"}, headers=auth_headers
        ).get_json()

        assert after["created_at"] == before["created_at"]
        assert datetime.fromisoformat(after["updated_at"]) > datetime.fromisoformat(
            before["updated_at"]
        )

    def test_an_empty_object_changes_nothing(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str]
    ) -> None:
        before = client.get(ME, headers=auth_headers).get_json()

        answer = client.patch(item(user), json={}, headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json() == before
        assert client.get(ME, headers=auth_headers).get_json() == before

    def test_admins_change_the_names_of_others(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(user), json={"first_name": "Augusta"}, headers=admin_headers)

        assert answer.status_code == 200
        assert answer.get_json()["first_name"] == "Augusta"

    def test_people_do_not_change_others(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        other_headers: dict[str, str],
    ) -> None:
        answer = client.patch(item(user), json={"first_name": "Eve"}, headers=other_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-allowed")
        assert column_of(db_session, user.id, "first_name") == "Ada"

    def test_not_even_with_an_empty_object(
        self, client: FlaskClient, user: Account, other_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(user), json={}, headers=other_headers)

        assert answer.status_code == 403

    @pytest.mark.parametrize("choice", ["true", "false"])
    def test_people_do_not_change_their_own_activity(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str], choice: str
    ) -> None:
        answer = client.patch(
            item(user),
            data=f'{{"is_active": {choice}}}',
            content_type="application/json",
            headers=auth_headers,
        )

        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-allowed")

    def test_a_refused_activity_takes_the_whole_change_with_it(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        client.patch(
            item(user), json={"first_name": "Augusta", "is_active": False}, headers=auth_headers
        )

        assert column_of(db_session, user.id, "first_name") == "Ada"
        assert column_of(db_session, user.id, "is_active") is True

    def test_an_unknown_user_is_not_found(
        self, client: FlaskClient, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(UNKNOWN, json={"first_name": "Augusta"}, headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    @pytest.mark.parametrize("change", [{}, {"first_name": "A"}, {"is_active": False}])
    def test_a_deleted_user_is_not_found(
        self,
        client: FlaskClient,
        db_session: Session,
        admin_headers: dict[str, str],
        change: dict[str, Any],
    ) -> None:
        deleted = add_user_row(db_session, "a@example.com", deleted_at=NOON)

        answer = client.patch(f"{USERS}/{deleted}", json=change, headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    @pytest.mark.parametrize("field", ["first_name", "last_name", "is_active"])
    def test_null_is_refused_by_name(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str], field: str
    ) -> None:
        answer = client.patch(item(user), json={field: None}, headers=admin_headers)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/{field}"]

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("first_name", ""),
            ("first_name", "x" * 101),
            ("first_name", 7),
            ("last_name", ""),
            ("last_name", "x" * 101),
            ("last_name", ["King"]),
            ("is_active", "false"),
            ("is_active", 0),
        ],
    )
    def test_a_bad_value_is_refused_by_name(
        self,
        client: FlaskClient,
        user: Account,
        admin_headers: dict[str, str],
        field: str,
        value: Any,
    ) -> None:
        answer = client.patch(item(user), json={field: value}, headers=admin_headers)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/{field}"]

    @pytest.mark.parametrize("field", ["first_name", "last_name"])
    def test_a_name_may_have_a_hundred_characters(
        self, client: FlaskClient, user: Account, auth_headers: dict[str, str], field: str
    ) -> None:
        answer = client.patch(item(user), json={field: "ö" * 100}, headers=auth_headers)

        assert answer.status_code == 200
        assert answer.get_json()[field] == "ö" * 100

    @pytest.mark.parametrize(
        "field",
        [
            "id",
            "email",
            "password",
            "password_hash",
            "full_name",
            "is_admin",
            "created_at",
            "updated_at",
            "deleted_at",
        ],
    )
    def test_no_other_field_can_be_set(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str], field: str
    ) -> None:
        answer = client.patch(item(user), json={field: True}, headers=admin_headers)

        assert answer.status_code == 400
        assert [error["pointer"] for error in answer.get_json()["errors"]] == [f"/{field}"]


class TestActivity:
    def test_admins_deactivate(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(user), json={"is_active": False}, headers=admin_headers)

        assert answer.status_code == 200
        assert answer.get_json()["is_active"] is False

    def test_admins_activate_again(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = client.patch(item(user), json={"is_active": True}, headers=admin_headers)

        assert answer.status_code == 200
        assert answer.get_json()["is_active"] is True

    def test_deactivating_twice_is_no_mistake(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = client.patch(item(user), json={"is_active": False}, headers=admin_headers)

        assert answer.status_code == 200

    def test_deactivation_ends_all_sessions_at_once(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        logins = [open_login(client, user), open_login(client, user)]

        client.patch(item(user), json={"is_active": False}, headers=admin_headers)

        statuses = [client.get(ME, headers=login.access).status_code for login in logins]
        statuses += [client.post(REFRESH, headers=login.refresh).status_code for login in logins]
        assert statuses == [401, 401, 401, 401]

    def test_activation_does_not_revive_the_sessions(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        login = open_login(client, user)
        client.patch(item(user), json={"is_active": False}, headers=admin_headers)

        client.patch(item(user), json={"is_active": True}, headers=admin_headers)

        assert client.get(ME, headers=login.access).status_code == 401
        assert client.post(REFRESH, headers=login.refresh).status_code == 401

    def test_after_activation_a_new_login_works(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        client.patch(item(user), json={"is_active": False}, headers=admin_headers)
        client.patch(item(user), json={"is_active": True}, headers=admin_headers)

        headers = log_in(client, user)

        assert client.get(ME, headers=headers).status_code == 200

    def test_deactivation_leaves_the_sessions_of_others(
        self,
        client: FlaskClient,
        user: Account,
        admin_headers: dict[str, str],
        other_headers: dict[str, str],
    ) -> None:
        client.patch(item(user), json={"is_active": False}, headers=admin_headers)

        assert client.get(ME, headers=other_headers).status_code == 200


class TestDeleting:
    def test_admins_delete(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(item(user), headers=admin_headers)

        assert (answer.status_code, answer.data) == (204, b"")

    def test_a_deleted_user_is_gone(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        client.delete(item(user), headers=admin_headers)

        answer = client.get(item(user), headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    def test_the_row_is_kept(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        client.delete(item(user), headers=admin_headers)

        assert column_of(db_session, user.id, "email") == user.email
        assert column_of(db_session, user.id, "deleted_at") is not None

    def test_deleting_twice_finds_nobody(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        client.delete(item(user), headers=admin_headers)

        answer = client.delete(item(user), headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    def test_an_unknown_user_is_not_found(
        self, client: FlaskClient, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(UNKNOWN, headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (404, "user-not-found")

    def test_people_do_not_delete_others(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        other_headers: dict[str, str],
    ) -> None:
        answer = client.delete(item(user), headers=other_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-allowed")
        assert column_of(db_session, user.id, "deleted_at") is None

    def test_people_do_not_delete_themselves(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        auth_headers: dict[str, str],
    ) -> None:
        answer = client.delete(item(user), headers=auth_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (403, "not-allowed")
        assert column_of(db_session, user.id, "deleted_at") is None

    def test_deletion_ends_all_sessions_at_once(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        login = open_login(client, user)

        client.delete(item(user), headers=admin_headers)

        assert client.get(ME, headers=login.access).status_code == 401
        assert client.post(REFRESH, headers=login.refresh).status_code == 401

    def test_a_deactivated_user_can_be_deleted(
        self,
        client: FlaskClient,
        db_session: Session,
        user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        set_columns(db_session, user.id, is_active=False)

        answer = client.delete(item(user), headers=admin_headers)

        assert answer.status_code == 204


class TestLastAdmin:
    def test_the_last_admin_cannot_be_deactivated(
        self, client: FlaskClient, admin_user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(admin_user), json={"is_active": False}, headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "last-admin")

    def test_the_last_admin_cannot_be_deleted(
        self, client: FlaskClient, admin_user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(item(admin_user), headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "last-admin")

    def test_a_refusal_leaves_the_last_admin_logged_in(
        self, client: FlaskClient, admin_user: Account, admin_headers: dict[str, str]
    ) -> None:
        client.patch(item(admin_user), json={"is_active": False}, headers=admin_headers)
        client.delete(item(admin_user), headers=admin_headers)

        assert client.get(ME, headers=admin_headers).get_json()["is_active"] is True

    def test_a_refusal_takes_the_whole_change_with_it(
        self,
        client: FlaskClient,
        db_session: Session,
        admin_user: Account,
        admin_headers: dict[str, str],
    ) -> None:
        client.patch(
            item(admin_user),
            json={"first_name": "Eve", "is_active": False},
            headers=admin_headers,
        )

        assert column_of(db_session, admin_user.id, "first_name") == "Ada"

    @pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
    def test_an_admin_who_cannot_log_in_does_not_allow_the_deactivation(
        self,
        client: FlaskClient,
        db_session: Session,
        admin_user: Account,
        admin_headers: dict[str, str],
        columns: dict[str, Any],
    ) -> None:
        add_user_row(db_session, "second@example.com", is_admin=True, **columns)

        answer = client.patch(item(admin_user), json={"is_active": False}, headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "last-admin")

    @pytest.mark.parametrize("columns", [{"is_active": False}, {"deleted_at": NOON}])
    def test_an_admin_who_cannot_log_in_does_not_allow_the_deletion(
        self,
        client: FlaskClient,
        db_session: Session,
        admin_user: Account,
        admin_headers: dict[str, str],
        columns: dict[str, Any],
    ) -> None:
        add_user_row(db_session, "second@example.com", is_admin=True, **columns)

        answer = client.delete(item(admin_user), headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "last-admin")

    def test_the_last_admin_may_be_renamed(
        self, client: FlaskClient, admin_user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(
            item(admin_user),
            json={"first_name": "Augusta", "is_active": True},
            headers=admin_headers,
        )

        assert answer.status_code == 200

    def test_one_of_two_admins_may_deactivate_herself(
        self,
        client: FlaskClient,
        admin_user: Account,
        second_admin: Account,
        admin_headers: dict[str, str],
    ) -> None:
        answer = client.patch(item(admin_user), json={"is_active": False}, headers=admin_headers)

        assert answer.status_code == 200
        assert client.get(ME, headers=admin_headers).status_code == 401

    def test_one_of_two_admins_may_delete_herself(
        self,
        client: FlaskClient,
        admin_user: Account,
        second_admin: Account,
        admin_headers: dict[str, str],
    ) -> None:
        answer = client.delete(item(admin_user), headers=admin_headers)

        assert answer.status_code == 204
        assert client.get(ME, headers=admin_headers).status_code == 401

    def test_one_of_two_admins_may_deactivate_the_other(
        self, client: FlaskClient, second_admin: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.patch(item(second_admin), json={"is_active": False}, headers=admin_headers)

        assert answer.status_code == 200

    def test_one_of_two_admins_may_delete_the_other(
        self, client: FlaskClient, second_admin: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(item(second_admin), headers=admin_headers)

        assert answer.status_code == 204

    def test_then_the_remaining_one_is_the_last(
        self,
        client: FlaskClient,
        admin_user: Account,
        second_admin: Account,
        admin_headers: dict[str, str],
    ) -> None:
        client.delete(item(second_admin), headers=admin_headers)

        answer = client.delete(item(admin_user), headers=admin_headers)

        assert (answer.status_code, answer.get_json()["code"]) == (409, "last-admin")

    def test_a_deactivated_admin_may_be_deleted(
        self, client: FlaskClient, db_session: Session, admin_headers: dict[str, str]
    ) -> None:
        inactive = add_user_row(db_session, "a@example.com", is_admin=True, is_active=False)

        answer = client.delete(f"{USERS}/{inactive}", headers=admin_headers)

        assert answer.status_code == 204


@pytest.mark.parametrize("path", [USERS, ME])
def test_no_answer_has_a_password_or_a_hash(
    client: FlaskClient, auth_headers: dict[str, str], path: str
) -> None:
    body = client.get(path, headers=auth_headers).text

    assert PASSWORD not in body
    assert "argon2" not in body
    assert "password" not in body
