"""What admins do for the accounts of others."""

from userapi.administration import policy
from userapi.administration.errors import AccountNotMailed
from userapi.administration.records import EmailCorrection, NewUser
from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.email_addresses import canonical_email
from userapi.kit.principal import Principal
from userapi.kit.secrets import new_token
from userapi.kit.transaction import Transaction, Writes
from userapi.kit.versions import StaleVersion, Versions
from userapi.mail.notices import Notice, Notices
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.services.links import ResetLinks
from userapi.registration.events import AccountEvent
from userapi.registration.records import AccountDraft
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.readdressing import Readdressing
from userapi.users.errors import UserNotFound
from userapi.users.models import User
from userapi.users.recipients import recipient_of
from userapi.users.records import UserRecord
from userapi.users.repository import UserRepository


class UserCreation:
    """Makes accounts without a password, which their owners choose by a mailed link."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        accounts: Accounts,
        new_passwords: NewPasswords,
        reset_links: ResetLinks,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._accounts = accounts
        self._new_passwords = new_passwords
        self._reset_links = reset_links

    def create(self, principal: Principal, new: NewUser) -> UserRecord:
        """Make an account, and mail its owner the link; following it proves the address.

        Raises `HashingBusy`, `NotAllowed`, `EmailTaken` or `AccountNotMailed`.
        """
        # A hash like any other: that nobody knows the password shows in no login's time.
        nobodys = self._new_passwords.hash(new_token(""))
        draft = AccountDraft(
            email=canonical_email(new.email),
            password_hash=nobodys,
            first_name=new.first_name,
            last_name=new.last_name,
            language=new.language,
        )
        with self._transaction.of(principal) as tx:
            policy.CREATING_USERS.ensure(tx.principal)
            created = self._accounts.create(draft, new.role, is_proven=False, by=principal)
            self._mail_link(created.id)
            tx.commit()
        return created

    def _mail_link(self, user_id: int) -> None:
        user = self._users.get_for_update(user_id)
        lifetime = policy.FIRST_LINK_LIFETIME
        if user is None or not self._reset_links.mail(user, "account-created", lifetime=lifetime):
            raise AccountNotMailed


class AddressCorrection:
    """Gives users other addresses, on the word of admins."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        readdressing: Readdressing,
        tokens: OneTimeTokens,
        mails: AddressMails,
        notices: Notices,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._readdressing = readdressing
        self._tokens = tokens
        self._mails = mails
        self._notices = notices
        self._audit = audit
        self._clock = clock

    def correct(
        self,
        principal: Principal,
        user_id: int,
        correction: EmailCorrection,
        versions: Versions | None = None,
    ) -> UserRecord:
        """Give a user that address; with another one all its sessions, devices and links end.

        Raises `NotAllowed`, `UserNotFound`, `StaleVersion` or `EmailTaken`.
        """
        email = canonical_email(correction.email)
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.SETTING_ADDRESSES.ensure(tx.principal)
            user = self._lock(user_id, versions)
            if canonical_email(user.email) == email:
                corrected = self._confirm(principal, user, is_proven=correction.verified)
            else:
                corrected = self._replace(principal, user, email, is_proven=correction.verified)
            tx.commit()
        return corrected

    def _confirm(self, principal: Principal, user: User, *, is_proven: bool) -> UserRecord:
        """Let the address that a user has count as proven, if it does not."""
        if is_proven and user.email_verified_at is None:
            user.email_verified_at = self._clock()
            self._audit.record(principal, AccountEvent.EMAIL_VERIFIED, subject=user.id)
        return self._users.save(user)

    def _replace(
        self, principal: Principal, user: User, email: str, *, is_proven: bool
    ) -> UserRecord:
        """Give a user another address, and tell both; no link undoes it."""
        before = self._users.save(user)
        changed = self._readdressing.give(user, email, is_proven=is_proven)
        self._tokens.revoke(user.id)
        self._notices.tell(Notice.EMAIL_CORRECTED, recipient_of(before))
        self._notices.tell(Notice.EMAIL_CORRECTED, recipient_of(changed))
        if not is_proven:
            self._mails.ask_for_proof(changed, tells_origin=False)
        details = {"verified": is_proven}
        self._audit.record(principal, AccountEvent.EMAIL_CHANGED, subject=user.id, details=details)
        return changed

    def _lock(self, user_id: int, versions: Versions | None) -> User:
        user = self._users.get_for_update(user_id, versions)
        if user is not None:
            return user
        if self._users.get(user_id) is None:
            raise UserNotFound
        raise StaleVersion
