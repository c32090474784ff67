"""Callers with one key, and the effects of their requests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from idempotency.samples import ANSWER, REQUEST
from support.rows import NOON
from support.transactions import transaction_on
from userapi.audit.repository import AuditRepository
from userapi.audit.service import AuditTrail
from userapi.idempotency.records import Answer, KeyedRequest
from userapi.idempotency.repository import IdempotencyKeyRepository
from userapi.idempotency.service import IdempotencyService
from userapi.kit.client_info import ClientInfo
from userapi.users.models import User


class ChangingKeys(IdempotencyKeyRepository):
    """Keys that fail to store answers, or to be released, as long as they are told to."""

    is_storing = True
    is_releasing = True

    def store(self, *arguments: Any) -> bool:
        if not self.is_storing:
            raise LookupError
        return super().store(*arguments)

    def release(self, *arguments: Any) -> None:
        if not self.is_releasing:
            raise ConnectionError
        super().release(*arguments)


class CountedMismatches:
    """Remembers which addresses came with the key of another body."""

    def __init__(self) -> None:
        self.addresses: list[str | None] = []

    def count(self, email: str | None) -> None:
        self.addresses.append(email)


class Callers:
    """Callers with one key, whose requests commit a user each.

    Every request has an application context of its own, and so a session, as in a server.
    """

    def __init__(self, app: Flask) -> None:
        self.now = NOON
        self.mismatches = CountedMismatches()
        self._app = app
        self._session = app.extensions["sqlalchemy"].session
        self.keys = ChangingKeys(db=self._session)
        self._service = self._built()

    def run(self, perform: Callable[[], Answer], request: KeyedRequest = REQUEST) -> Answer:
        with self._app.app_context():
            return self._service.run(request, perform)

    def delete_expired(self) -> int:
        """Forget all requests whose time is over by now."""
        with self._app.app_context():
            return self._service.delete_expired()

    def commits(self, name: str) -> Callable[[], Answer]:
        """Return what commits a user of that name, and answers."""

        def perform() -> Answer:
            with transaction_on(self._session) as tx:
                self._session.add(new_user(name))
                tx.commit()
            return ANSWER

        return perform

    def _built(self) -> IdempotencyService:
        return IdempotencyService(
            transaction=transaction_on(self._session),
            keys=self.keys,
            mismatches=self.mismatches,
            audit=AuditTrail(
                events=AuditRepository(db=self._session),
                client_info=ClientInfo,
                clock=self._clock,
            ),
            retention=timedelta(hours=24),
            clock=self._clock,
        )

    def _clock(self) -> datetime:
        return self.now


def new_user(name: str) -> User:
    """Return a user of that name."""
    return User(email=f"{name}@example.com", password_hash="!", first_name=name, last_name="L")


def names_in(committed: Session) -> list[str]:
    """Return the names of the users there are."""
    names = committed.scalars(select(User.first_name).order_by(User.first_name)).all()
    committed.rollback()
    return list(names)


def fail() -> NoReturn:
    """Fail as nobody expects it."""
    raise LookupError
