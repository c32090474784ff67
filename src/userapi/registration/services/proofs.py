"""What a link proves: an account's address, that of a registration, or a new one."""

from typing import Protocol

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import canonical_email
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.records import OneTimeTokenRecord, Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.registration.events import AccountEvent
from userapi.registration.repository import PendingRegistrationRepository
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.waiting import WaitingRegistrations
from userapi.users.repository import UserRepository


class Proof(Protocol):
    """Takes the links of one purpose, within the caller's transaction."""

    def accept(self, token: str, found: OneTimeTokenRecord) -> str:
        """Use a token up; return the address that it proves.

        `found` is what was read of it before anything was locked. Raises `LinkInvalid`, or
        `EmailTaken` where somebody else has proven the address or got it just now.
        """
        ...


class AccountProof:
    """Proves the address that an account has."""

    def __init__(
        self,
        *,
        users: UserRepository,
        tokens: OneTimeTokens,
        waiting: WaitingRegistrations,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._users = users
        self._tokens = tokens
        self._waiting = waiting
        self._audit = audit
        self._clock = clock

    def accept(self, token: str, found: OneTimeTokenRecord) -> str:
        """Record that the address is proven: what waits for it is void."""
        user = None if found.user_id is None else self._users.get_for_update(found.user_id)
        self._tokens.consume(token, Purpose.EMAIL_VERIFICATION)
        if user is None or user.email != found.address:
            raise LinkInvalid
        user.email_verified_at = user.email_verified_at or self._clock()
        proven = self._users.save(user)
        self._tokens.revoke(user.id, {Purpose.EMAIL_VERIFICATION})
        self._waiting.drop(canonical_email(found.address))
        self._audit.record(user.id, AccountEvent.EMAIL_VERIFIED, subject=user.id)
        return proven.email


class RegistrationProof:
    """Makes an account of a registration that has waited for it."""

    def __init__(
        self,
        *,
        pending: PendingRegistrationRepository,
        holders: AddressHolders,
        accounts: Accounts,
        tokens: OneTimeTokens,
        waiting: WaitingRegistrations,
    ) -> None:
        self._pending = pending
        self._holders = holders
        self._accounts = accounts
        self._tokens = tokens
        self._waiting = waiting

    def accept(self, token: str, found: OneTimeTokenRecord) -> str:
        """Make the account; one that had the address and never proved it is closed."""
        address = self._holders.lock(found.address)
        waiting_id = found.subject_id
        draft = None if waiting_id is None else self._pending.lock(waiting_id, found.address)
        self._tokens.consume(token, Purpose.REGISTRATION)
        if draft is None:
            raise LinkInvalid
        self._holders.free(address)
        self._waiting.drop(draft.email)
        return self._accounts.create_own(draft, is_proven=True).email
