import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.accounts import Account
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import UnitOfWork
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.records import Purpose, TokenSubject, binding_of
from userapi.one_time_tokens.repository import OneTimeTokenRepository
from userapi.one_time_tokens.service import MAX_TOKENS, OneTimeTokenRetention, OneTimeTokens

RESET = Purpose.PASSWORD_RESET
HOUR = timedelta(hours=1)
LONG_AGO = timedelta(hours=-1)


@pytest.fixture
def repository(scoped_session: ScopedSession) -> OneTimeTokenRepository:
    return OneTimeTokenRepository(db=scoped_session)


@pytest.fixture
def tokens(repository: OneTimeTokenRepository) -> OneTimeTokens:
    return OneTimeTokens(tokens=repository)


def subject_of(user: Account) -> TokenSubject:
    return TokenSubject(user.email, user_id=user.id)


def test_a_token_is_consumed_once(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account
) -> None:
    with transaction:
        issued = tokens.issue(RESET, subject_of(user), HOUR)

        assert tokens.consume(issued.token, RESET).user_id == user.id

        with pytest.raises(LinkInvalid):
            tokens.consume(issued.token, RESET)


def test_a_token_that_is_looked_at_works_still(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account
) -> None:
    with transaction:
        issued = tokens.issue(RESET, subject_of(user), HOUR)

        assert tokens.find(issued.token, RESET).address == user.email
        assert tokens.consume(issued.token, RESET).address == user.email


def test_a_token_works_for_its_own_purpose_only(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account
) -> None:
    with transaction:
        issued = tokens.issue(Purpose.EMAIL_VERIFICATION, subject_of(user), HOUR)

        with pytest.raises(LinkInvalid):
            tokens.find(issued.token, RESET)
        with pytest.raises(LinkInvalid):
            tokens.consume(issued.token, RESET)


def test_a_token_that_has_expired_does_not_work(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account
) -> None:
    with transaction:
        issued = tokens.issue(RESET, subject_of(user), LONG_AGO)

        with pytest.raises(LinkInvalid):
            tokens.find(issued.token, RESET)
        with pytest.raises(LinkInvalid):
            tokens.consume(issued.token, RESET)


def test_what_is_stored_does_not_tell_the_token(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account, db_session: Session
) -> None:
    with transaction as tx:
        issued = tokens.issue(RESET, subject_of(user), HOUR)
        tx.commit()

    row = db_session.scalars(select(OneTimeToken)).one()
    assert issued.token not in str(vars(row))


def test_the_oldest_of_too_many_tokens_gives_way(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account, other_user: Account
) -> None:
    with transaction:
        foreign = tokens.issue(RESET, subject_of(other_user), HOUR)
        other = tokens.issue(Purpose.EMAIL_CHANGE, subject_of(user), HOUR)
    kept = []
    for number in range(MAX_TOKENS + 1):
        # Of two that were issued in one millisecond either is the oldest.
        lifetime = HOUR + timedelta(seconds=number)
        with transaction as tx:
            kept.append(tokens.issue(RESET, subject_of(user), lifetime).token)
            tx.commit()
    with transaction as tx:
        foreign = tokens.issue(RESET, subject_of(other_user), HOUR)
        other = tokens.issue(Purpose.EMAIL_CHANGE, subject_of(user), HOUR)
        tx.commit()

    with pytest.raises(LinkInvalid):
        tokens.find(kept[0], RESET)
    assert [tokens.find(token, RESET).user_id for token in kept[1:]] == [user.id] * MAX_TOKENS
    assert tokens.find(foreign.token, RESET).user_id == other_user.id
    assert tokens.find(other.token, Purpose.EMAIL_CHANGE).user_id == user.id


def test_one_that_lives_longer_does_not_give_way(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account
) -> None:
    with transaction as tx:
        lasting = tokens.issue(RESET, subject_of(user), 2 * HOUR).token
        tx.commit()
    for _ in range(MAX_TOKENS + 1):
        with transaction as tx:
            tokens.issue(RESET, subject_of(user), HOUR)
            tx.commit()

    assert tokens.find(lasting, RESET).user_id == user.id


def test_the_tokens_of_a_user_are_made_void(
    transaction: UnitOfWork, tokens: OneTimeTokens, user: Account, other_user: Account
) -> None:
    with transaction:
        reset = tokens.issue(RESET, subject_of(user), HOUR)
        change = tokens.issue(Purpose.EMAIL_CHANGE, subject_of(user), HOUR)
        foreign = tokens.issue(RESET, subject_of(other_user), HOUR)

        tokens.revoke(user.id, [RESET])

        with pytest.raises(LinkInvalid):
            tokens.find(reset.token, RESET)
        assert tokens.find(change.token, Purpose.EMAIL_CHANGE).user_id == user.id

        tokens.revoke(user.id)

        with pytest.raises(LinkInvalid):
            tokens.find(change.token, Purpose.EMAIL_CHANGE)
        assert tokens.find(foreign.token, RESET).user_id == other_user.id


def test_the_tokens_of_what_waits_are_made_void(
    transaction: UnitOfWork, tokens: OneTimeTokens
) -> None:
    waiting = TokenSubject("ada@example.com", subject_id=uuid.uuid4())
    with transaction:
        issued = tokens.issue(Purpose.INVITATION, waiting, HOUR)
        assert waiting.subject_id is not None

        tokens.revoke_of_subject(waiting.subject_id)

        with pytest.raises(LinkInvalid):
            tokens.find(issued.token, Purpose.INVITATION)


def test_only_tokens_that_have_expired_are_deleted(
    transaction: UnitOfWork,
    tokens: OneTimeTokens,
    repository: OneTimeTokenRepository,
    user: Account,
) -> None:
    with transaction as tx:
        tokens.issue(RESET, subject_of(user), LONG_AGO)
        live = tokens.issue(RESET, subject_of(user), HOUR)
        tx.commit()

    retention = OneTimeTokenRetention(transaction=transaction, tokens=repository)

    assert retention.delete_expired() == 1
    assert tokens.find(live.token, RESET).user_id == user.id


@pytest.mark.any_database
def test_a_binding_differs_with_each_of_its_values() -> None:
    bindings = {binding_of("hash", "ada@x"), binding_of("hash", "eve@x"), binding_of("h", "ada@x")}

    assert len(bindings) == 3
