"""Addresses that are proven, changed and given back at the same moment.

`make races` runs 100 rounds on each database, `make test` a few.
"""

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial

import httpx
import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from support.accounts import Account, add_user
from support.addresses import leave_unproven, prove
from support.applications import engine_of
from support.links import add_link, add_waiting
from support.paths import EMAIL_UNDO, EMAIL_VERIFY, PASSWORD_RESET
from support.races import race, racing_client, scaled
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose
from userapi.passwords.bindings import Delivery, reset_binding
from userapi.registration.bindings import change_binding
from userapi.registration.models import PendingRegistration
from userapi.registration.services.verification import ResendService, VerificationService
from userapi.users.models import User
from userapi.web.services import provided

pytestmark = pytest.mark.race

PARALLEL = 50
ROUNDS = scaled(100)


def follow(client: httpx.Client, path: str, token: str) -> int:
    return client.post(path, json={"token": token}).status_code


def reset(client: httpx.Client, token: str) -> int:
    return client.post(
        PASSWORD_RESET, json={"token": token, "new_password": "enigma bombe"}
    ).status_code


def followers(client: httpx.Client, path: str, token: str) -> list[Callable[[], int]]:
    """Return many who follow one link."""
    return [partial(follow, client, path, token)] * PARALLEL


def living_with(session: Session, email: str) -> list[int]:
    """Return the ids of the living accounts with that address; holds no lock afterwards."""
    query = select(User.id).where(User.email == email, User.deleted_at.is_(None))
    found = list(session.scalars(query))
    session.rollback()
    return found


def email_of(session: Session, user_id: int) -> str:
    """Return a user's address; holds no lock afterwards."""
    email = session.scalars(select(User.email).where(User.id == user_id)).one()
    session.rollback()
    return email


@pytest.fixture
def member(committed: Session, password_hash: str) -> Callable[[int], Account]:
    """A function that makes a user with a proven address."""

    def make(number: int) -> Account:
        account = add_user(committed, password_hash, email=f"user{number}@example.com")
        prove(committed, account.id)
        return account

    return make


def change_link(session: Session, account: Account, password_hash: str, email: str) -> str:
    """Commit the link that gives an account another address."""
    binding = change_binding(account.email, password_hash)
    return add_link(session, Purpose.EMAIL_CHANGE, email, user_id=account.id, binding=binding)


def test_s8_of_many_who_prove_an_address_exactly_one_succeeds(
    url: str, committed: Session, member: Callable[[int], Account]
) -> None:
    for number in range(ROUNDS):
        account = member(number)
        token = add_link(committed, Purpose.EMAIL_VERIFICATION, account.email, user_id=account.id)
        with racing_client(url, PARALLEL) as client:
            statuses = race(followers(client, EMAIL_VERIFY, token))

        assert Counter(statuses) == {200: 1, 403: PARALLEL - 1}


def test_s8_of_many_who_confirm_a_registration_exactly_one_makes_the_account(
    url: str, committed: Session
) -> None:
    for number in range(ROUNDS):
        email = f"waiting{number}@example.com"
        token = add_waiting(committed, email)
        with racing_client(url, PARALLEL) as client:
            statuses = race(followers(client, EMAIL_VERIFY, token))

        assert Counter(statuses) == {200: 1, 403: PARALLEL - 1}
        assert len(living_with(committed, email)) == 1


def test_s8_of_many_who_change_to_an_address_exactly_one_succeeds(
    url: str, committed: Session, member: Callable[[int], Account], password_hash: str
) -> None:
    for number in range(ROUNDS):
        account, new = member(number), f"new{number}@example.com"
        token = change_link(committed, account, password_hash, new)
        with racing_client(url, PARALLEL) as client:
            statuses = race(followers(client, EMAIL_VERIFY, token))

        assert Counter(statuses) == {200: 1, 403: PARALLEL - 1}
        assert email_of(committed, account.id) == new


def test_s8_of_many_who_undo_a_change_exactly_one_succeeds(
    url: str, committed: Session, member: Callable[[int], Account]
) -> None:
    for number in range(ROUNDS):
        account = member(number)
        old = f"old{number}@example.com"
        token = add_link(committed, Purpose.EMAIL_UNDO, old, user_id=account.id)
        with racing_client(url, PARALLEL) as client:
            statuses = race(followers(client, EMAIL_UNDO, token))

        # Some may find no place to be hashed in: 503.
        assert Counter(statuses)[200] == 1, Counter(statuses)
        assert set(statuses) <= {200, 403, 503}
        assert email_of(committed, account.id) == old


def test_of_two_registrations_of_one_address_one_makes_the_account(
    url: str, committed: Session
) -> None:
    for number in range(ROUNDS):
        email = f"waiting{number}@example.com"
        tokens = [add_waiting(committed, email) for _ in range(2)]
        with racing_client(url, PARALLEL) as client:
            statuses = race([partial(follow, client, EMAIL_VERIFY, it) for it in tokens * 5])

        assert Counter(statuses)[200] == 1, Counter(statuses)
        assert set(statuses) == {200, 403}
        assert len(living_with(committed, email)) == 1
    assert committed.scalar(select(func.count()).select_from(PendingRegistration)) == 0


def test_a_registration_is_confirmed_while_its_link_is_mailed_once_more(own_app: Flask) -> None:
    """Either takes links away: none waits for the other for ever, and no dead link is mailed."""
    for number in range(10):
        email = f"waiting{number}@example.com"
        with Session(engine_of(own_app)) as session:
            add_waiting(session, email)
            waiting_id = session.scalars(
                select(PendingRegistration.id).where(PendingRegistration.email == email)
            ).one()
            *_, newest = (
                add_link(session, Purpose.REGISTRATION, email, subject_id=waiting_id)
                for _ in range(2)
            )

        race([partial(confirm, own_app, newest), partial(mail_again, own_app, waiting_id)])

        with Session(engine_of(own_app)) as session:
            assert len(living_with(session, email)) == 1
            assert session.scalars(select(OneTimeToken.id)).all() == []


def confirm(app: Flask, token: str) -> None:
    """Confirm a registration, here."""
    with app.app_context():
        provided(VerificationService).verify(token)


def mail_again(app: Flask, waiting_id: uuid.UUID) -> None:
    """Do the job that mails a registration's link once more, here."""
    with app.app_context():
        provided(ResendService).mail_again({"user_id": None, "waiting_id": str(waiting_id)})


def test_either_the_old_account_is_proven_or_the_new_one_takes_its_address(
    url: str, committed: Session, member: Callable[[int], Account]
) -> None:
    for number in range(ROUNDS):
        account = member(number)
        leave_unproven(committed, account.id)
        own = add_link(committed, Purpose.EMAIL_VERIFICATION, account.email, user_id=account.id)
        other = add_waiting(committed, account.email)
        with racing_client(url, PARALLEL) as client:
            statuses = race([partial(follow, client, EMAIL_VERIFY, it) for it in (own, other)])

        assert sorted(statuses) == [200, 403]
        (keeper,) = living_with(committed, account.email)
        assert (keeper == account.id) is (statuses[0] == 200)


def test_of_two_accounts_one_gets_an_address(
    url: str, committed: Session, member: Callable[[int], Account], password_hash: str
) -> None:
    for number in range(ROUNDS):
        accounts = [member(2 * number), member(2 * number + 1)]
        email = f"wanted{number}@example.com"
        tokens = [change_link(committed, it, password_hash, email) for it in accounts]
        with racing_client(url, PARALLEL) as client:
            statuses = race([partial(follow, client, EMAIL_VERIFY, it) for it in tokens])

        assert sorted(statuses) == [200, 409]
        assert len(living_with(committed, email)) == 1


def test_of_an_account_and_a_registration_that_wait_for_an_address_one_gets_it(
    url: str, committed: Session, member: Callable[[int], Account], password_hash: str
) -> None:
    for number in range(ROUNDS):
        email = f"wanted{number}@example.com"
        tokens = [
            change_link(committed, member(number), password_hash, email),
            add_waiting(committed, email),
        ]
        with racing_client(url, PARALLEL) as client:
            statuses = race([partial(follow, client, EMAIL_VERIFY, it) for it in tokens * 5])

        assert Counter(statuses)[200] == 1, Counter(statuses)
        assert set(statuses) <= {200, 403, 409}, Counter(statuses)
        assert len(living_with(committed, email)) == 1


def test_a_change_that_is_undone_meanwhile_leaves_the_old_address(
    url: str, committed: Session, member: Callable[[int], Account], password_hash: str
) -> None:
    for number in range(ROUNDS):
        account = member(number)
        old, third = f"old{number}@example.com", f"third{number}@example.com"
        undoing = add_link(committed, Purpose.EMAIL_UNDO, old, user_id=account.id)
        changing = change_link(committed, account, password_hash, third)
        with racing_client(url, PARALLEL) as client:
            statuses = race(
                [
                    partial(follow, client, EMAIL_UNDO, undoing),
                    partial(follow, client, EMAIL_VERIFY, changing),
                ]
            )

        assert statuses[0] == 200
        assert statuses[1] in (200, 403)
        assert email_of(committed, account.id) == old


def test_a_change_and_a_reset_void_each_other(
    url: str, committed: Session, member: Callable[[int], Account], password_hash: str
) -> None:
    for number in range(ROUNDS):
        account = member(number)
        changing = change_link(committed, account, password_hash, f"third{number}@example.com")
        binding = reset_binding(password_hash, account.email, Delivery.MAILED)
        resetting = add_link(
            committed,
            Purpose.PASSWORD_RESET,
            account.email,
            user_id=account.id,
            binding=binding,
        )
        with racing_client(url, PARALLEL) as client:
            statuses = race(
                [
                    partial(follow, client, EMAIL_VERIFY, changing),
                    partial(reset, client, resetting),
                ]
            )

        assert sorted(statuses) in ([200, 403], [204, 403])
