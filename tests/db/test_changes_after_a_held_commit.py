"""What is changed between a held commit and the joining of its transaction."""

from flask import Flask
from sqlalchemy import select

from support.transactions import transaction_on
from userapi.users.models import User


def test_a_change_of_an_object_is_not_kept(own_app: Flask) -> None:
    with own_app.app_context():
        session = own_app.extensions["sqlalchemy"].session
        user = User(email="a@example.com", password_hash="!", first_name="Ada", last_name="L")
        transaction = transaction_on(session)
        with transaction.hold() as outer:
            with transaction as tx:
                session.add(user)
                tx.commit()
            user.first_name = "Changed"
            outer.join()
            outer.commit()

        assert session.scalars(select(User.first_name)).all() == ["Ada"]
