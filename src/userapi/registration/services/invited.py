"""What becomes of a registration that comes with an invitation."""

from dataclasses import replace

from userapi.invitations.services.acceptance import InvitationAcceptance
from userapi.kit.email_addresses import canonical_email
from userapi.registration.errors import InvitationRequired
from userapi.registration.records import AccountDraft, Registration, RegistrationPending
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.admissions import Admission
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.waiting import WaitingRegistrations
from userapi.users.records import UserRecord


class InvitedAdmission:
    """Whoever was invited gets an account at once, in the role that the inviter chose.

    Its address is proven: the link went there. Registrations without an invitation are `others`'.
    """

    def __init__(
        self,
        *,
        invitations: InvitationAcceptance,
        accounts: Accounts,
        holders: AddressHolders,
        waiting: WaitingRegistrations,
        others: Admission,
    ) -> None:
        self._invitations = invitations
        self._accounts = accounts
        self._holders = holders
        self._waiting = waiting
        self._others = others

    def ensure_admitted(self, registration: Registration) -> None:
        """Refuse at once what would be refused anyway."""
        token = registration.invitation_token
        if token is None:
            self._others.ensure_admitted(registration)
        else:
            self._invitations.ensure_invited(token, canonical_email(registration.email))

    def admit(
        self, registration: Registration, draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Make the account; raise `LinkInvalid` or `EmailTaken`."""
        token = registration.invitation_token
        if token is None:
            return self._others.admit(registration, draft)
        address = self._holders.lock(draft.email)
        invitation = self._invitations.accept(token, draft.email)
        self._holders.free(address)
        self._waiting.drop(draft.email)
        spoken = replace(draft, language=draft.language or invitation.language)
        created = self._accounts.create_own(spoken, is_proven=True, role=invitation.role)
        self._invitations.complete(invitation, created.id)
        return created


class UninvitedAdmission:
    """Nobody gets an account without an invitation."""

    def ensure_admitted(self, _registration: Registration) -> None:
        """Refuse everybody: raise `InvitationRequired`."""
        raise InvitationRequired

    def admit(
        self, _registration: Registration, _draft: AccountDraft
    ) -> UserRecord | RegistrationPending:
        """Make no account."""
        raise InvitationRequired
