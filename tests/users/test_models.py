import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from support.rows import NOON, add_user_row
from userapi.users.models import User


def test_two_living_users_cannot_share_an_address(db_session: Session) -> None:
    add_user_row(db_session, "alan@example.com")

    with pytest.raises(IntegrityError):
        add_user_row(db_session, "ALAN@example.com")


def test_a_deleted_user_leaves_the_address_free(db_session: Session) -> None:
    first = add_user_row(db_session, "alan@example.com", deleted_at=NOON)

    second = add_user_row(db_session, "alan@example.com")

    assert second > first


def test_an_id_is_never_used_twice(db_session: Session) -> None:
    first = add_user_row(db_session, "alan@example.com")
    db_session.execute(delete(User).where(User.id == first))
    db_session.commit()

    second = add_user_row(db_session, "grace@example.com")

    assert second > first


@pytest.mark.parametrize("column", ["email", "first_name", "last_name"])
def test_the_database_refuses_empty_text(db_session: Session, column: str) -> None:
    with pytest.raises(IntegrityError):
        add_user_row(db_session, **{"email": "alan@example.com", column: ""})
