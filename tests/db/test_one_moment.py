"""Transactions that only read: they see one moment, and hold up nobody."""

from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from support.strangers import add_user_at_once
from support.transactions import transaction_on
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.users.models import User

ADA = {"email": "ada@example.com", "password_hash": "!", "first_name": "A", "last_name": "L"}
COUNT = select(func.count()).select_from(User)


@pytest.fixture
def session(own_app: Flask) -> Iterator[ScopedSession]:
    with own_app.app_context():
        yield own_app.extensions["sqlalchemy"].session


@pytest.fixture
def transaction(session: ScopedSession) -> UnitOfWork:
    return transaction_on(session)


def test_others_write_meanwhile_and_it_sees_nothing_of_that(
    own_app: Flask, session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction.reading():
        before = session.scalar(COUNT)
        add_user_at_once(own_app)
        by_session, by_repository = session.scalar(COUNT), session.read(COUNT)[0][0]

    assert (before, by_session, by_repository) == (0, 0, 0)
    assert session.scalar(COUNT) == 1


def test_nothing_is_written_in_it(session: ScopedSession, transaction: UnitOfWork) -> None:
    with transaction.reading():
        with pytest.raises(RuntimeError, match="writes and locks need an open transaction"):
            session.read(select(User.id).with_for_update())
        with pytest.raises(RuntimeError, match="there is no transaction to commit"):
            transaction.commit()


def test_a_transaction_comes_after_it_and_not_inside(
    session: ScopedSession, transaction: UnitOfWork
) -> None:
    with transaction.reading():
        session.scalar(COUNT)
        with pytest.raises(RuntimeError, match="a transaction is open already"):
            transaction.__enter__()
    with transaction as tx:
        session.add(User(**ADA))
        tx.commit()

    assert session.scalar(COUNT) == 1
