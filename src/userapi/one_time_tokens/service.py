"""What happens to one-time tokens."""

import uuid
from collections.abc import Collection
from datetime import timedelta

from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.secrets import new_token, token_digest
from userapi.kit.transaction import Transaction
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.records import (
    ALL_BUT_UNDO,
    IssuedToken,
    OneTimeTokenRecord,
    Purpose,
    TokenSubject,
)
from userapi.one_time_tokens.repository import OneTimeTokenRepository

TOKEN_PREFIX = "uao_"  # noqa: S105 - how every one-time token begins, not a secret
MAX_TOKENS = 3
"""How many tokens for one purpose, bound to the same, a user has; the first to expire gives way."""


class OneTimeTokens:
    """Issues tokens and takes them back, within the caller's transaction.

    A token is consumed after its user was locked: who locks a user and then makes its tokens void
    would otherwise wait for whoever does it the other way round.
    """

    def __init__(self, *, tokens: OneTimeTokenRepository) -> None:
        self._tokens = tokens

    def issue(self, purpose: Purpose, subject: TokenSubject, lifetime: timedelta) -> IssuedToken:
        """Return a new token that works from the caller's commit on."""
        token = new_token(TOKEN_PREFIX)
        self._tokens.delete_all_but_longest_lived(purpose, subject, MAX_TOKENS - 1)
        expires_at = self._tokens.add(purpose, subject, token_digest(token), lifetime)
        return IssuedToken(token, expires_at)

    def find(self, token: str, *purposes: Purpose) -> OneTimeTokenRecord:
        """Return a token that works still, for one of these purposes; raise `LinkInvalid`.

        It stays as it is, and may be gone a moment later: `consume` decides.
        """
        found = self._tokens.find(purposes, token_digest(token))
        if found is None:
            raise LinkInvalid
        return found

    def consume(self, token: str, *purposes: Purpose) -> OneTimeTokenRecord:
        """Use a token up and return it; raise `LinkInvalid`."""
        consumed = self._tokens.consume(purposes, token_digest(token))
        if consumed is None:
            raise LinkInvalid
        return consumed

    def find_live_of_user(self, purpose: Purpose, user_id: int) -> list[OneTimeTokenRecord]:
        """Return the tokens of that user for that purpose that work still."""
        return self._tokens.find_live_of_user(purpose, user_id)

    def revoke_issued_after(self, token: OneTimeTokenRecord) -> None:
        """Make the tokens void that its user was issued later, for the same purpose."""
        self._tokens.delete_issued_after(token)

    def revoke(self, user_id: int, purposes: Collection[Purpose] | None = None) -> int:
        """Make the tokens of that user void, for these purposes or for all; return how many."""
        return self._tokens.delete_of_user(user_id, purposes)

    def revoke_of_closed(self, user_id: int) -> None:
        """Make the tokens of a closed account void, but those that undo a change of address."""
        self._tokens.delete_of_user(user_id, ALL_BUT_UNDO)

    def revoke_of_subject(self, subject_id: uuid.UUID) -> None:
        """Make the tokens void of what waits."""
        self._tokens.delete_of_subject(subject_id)


class OneTimeTokenRetention:
    """Deletes tokens that have expired, or all."""

    def __init__(self, *, transaction: Transaction, tokens: OneTimeTokenRepository) -> None:
        self._transaction = transaction
        self._tokens = tokens

    def count_expired(self) -> int:
        """Return how many tokens have expired."""
        return self._tokens.count_expired()

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete the tokens that have expired; return how many."""
        return purge_in_batches(self._transaction, self._tokens.delete_expired, report)

    def revoke_all(self, report: Report = unreported) -> int:
        """Make every token void, whatever it is for; return how many."""
        return purge_in_batches(self._transaction, self._tokens.delete_any, report)
