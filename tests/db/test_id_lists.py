"""Many ids are one value of a statement."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.rows import add_user_row
from support.statements import statements_on
from userapi.db.id_lists import rows_of_ids
from userapi.users.models import User


@pytest.mark.parametrize("ids", [[], [7], [2**63 - 1, 1, 1], list(range(1, 40_001))])
def test_each_id_is_a_row(db_session: Session, ids: list[int]) -> None:
    assert list(db_session.scalars(rows_of_ids(ids))) == ids


def test_the_statement_is_the_same_for_any_number(db_session: Session) -> None:
    user_id = add_user_row(db_session, "ada@example.com")
    with statements_on(db_session.connection()) as sent:
        found = [
            db_session.scalars(select(User.id).where(User.id.in_(rows_of_ids(ids)))).all()
            for ids in ([user_id], [user_id, user_id + 1, user_id + 2])
        ]

    assert found == [[user_id], [user_id]]
    assert sent[0] == sent[1]
