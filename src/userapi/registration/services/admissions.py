"""What becomes of a stranger's registration: one class for each `REGISTRATION`."""

from typing import Protocol

from userapi.registration.errors import RegistrationClosed
from userapi.registration.records import AccountDraft, Registration, RegistrationPending
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.waiting import WaitingRegistrations
from userapi.users.records import UserRecord


class Admission(Protocol):
    """Lets strangers in."""

    def ensure_admitted(self, registration: Registration) -> None:
        """Refuse at once what would be refused anyway.

        Outside of every transaction, and before anything is counted or computed.
        """
        ...

    def admit(
        self, registration: Registration, draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Make the account, or let it wait, within the caller's transaction.

        `draft` is what becomes of `registration`. Raises `EmailTaken` where that may be told.
        """
        ...


class OpenAdmission:
    """Anybody gets an account at once, and a mail that proves its address."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        holders: AddressHolders,
        waiting: WaitingRegistrations,
        mails: AddressMails,
    ) -> None:
        self._accounts = accounts
        self._holders = holders
        self._waiting = waiting
        self._mails = mails

    def ensure_admitted(self, registration: Registration) -> None:
        """Refuse nobody."""

    def admit(
        self, _registration: Registration, draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Make the account, or let it wait beside one that never proved the address.

        Raises `EmailTaken`.
        """
        holder = self._holders.find(draft.email)
        if holder is not None and self._mails.is_on and self._holders.gives_up(holder):
            return self._waiting.add(draft, None)
        created = self._accounts.create_own(draft, is_proven=False)
        if self._mails.is_on:
            self._mails.ask_for_proof(created)
        return created


class PrivateAdmission:
    """Anybody gets an account who proves the address; the answer tells of no account.

    The statements are the same whether the address is taken or not.
    """

    def __init__(self, *, holders: AddressHolders, waiting: WaitingRegistrations) -> None:
        self._holders = holders
        self._waiting = waiting

    def ensure_admitted(self, registration: Registration) -> None:
        """Refuse nobody."""

    def admit(
        self, _registration: Registration, draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Let the account wait; where the address is taken, tell its owner."""
        return self._waiting.add(draft, self._holders.find_keeper(draft.email))


class ClosedAdmission:
    """Nobody gets an account."""

    def ensure_admitted(self, _registration: Registration) -> None:
        """Refuse everybody: raise `RegistrationClosed`."""
        raise RegistrationClosed

    def admit(
        self, _registration: Registration, _draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Make no account."""
        raise RegistrationClosed
