"""Passwords that are replaced by somebody who does not know them."""

from userapi.audit.service import AuditTrail
from userapi.kit.clock import Clock
from userapi.kit.principal import Principal
from userapi.kit.secrets import new_token
from userapi.kit.transaction import Transaction, Writes
from userapi.mail.links import LinkKind, Links
from userapi.mail.notices import Notice, Notices
from userapi.one_time_tokens.errors import LinkInvalid
from userapi.one_time_tokens.records import OneTimeTokenRecord, Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords import policy
from userapi.passwords.bindings import Delivery, delivery_of
from userapi.passwords.events import PasswordEvent
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.people import person_of
from userapi.passwords.records import PasswordReset, ResetLink
from userapi.passwords.services.links import ResetLinks
from userapi.passwords.services.replacement import PasswordReplacement
from userapi.passwords.weakness import Person
from userapi.users.errors import UserNotFound
from userapi.users.models import User
from userapi.users.recipients import recipient_of
from userapi.users.repository import UserRepository

_TEMPLATE_OF_ADMINS = "password-reset-by-admin"


class PasswordResetService:
    """Replaces passwords by links, and makes them void on the word of admins."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        new_passwords: NewPasswords,
        replacement: PasswordReplacement,
        tokens: OneTimeTokens,
        reset_links: ResetLinks,
        links: Links,
        notices: Notices,
        audit: AuditTrail,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._new_passwords = new_passwords
        self._replacement = replacement
        self._tokens = tokens
        self._reset_links = reset_links
        self._links = links
        self._notices = notices
        self._audit = audit
        self._clock = clock

    def reset(self, reset: PasswordReset) -> None:
        """Give the user of a link another password, and end all that was opened before.

        A link that was mailed proves the address. Raises `LinkInvalid` before anything is computed;
        `InvalidInput` for a password that is easy to guess, which does not use the link up; and
        `HashingBusy`.
        """
        found = self._tokens.find(reset.token, Purpose.PASSWORD_RESET)
        password_hash = self._new_passwords.ensured_hash(
            reset.new_password, self._person_behind(found), field="new_password"
        )
        with self._transaction as tx:
            user, delivery = self._consume(reset.token, found.user_id)
            if delivery is Delivery.MAILED and user.email_verified_at is None:
                user.email_verified_at = self._clock()
            changed = self._replacement.replace(user, password_hash)
            details = {"delivery": delivery.value}
            self._audit.record(changed.id, PasswordEvent.RESET, subject=changed.id, details=details)
            self._notices.tell(Notice.PASSWORD_CHANGED, recipient_of(changed))
            tx.commit()

    def void(self, principal: Principal, user_id: int) -> None:
        """Make a user's password void, end all its sessions and mail it a link.

        Raises `NotAllowed`, `UserNotFound` or `HashingBusy`.
        """
        # A hash like any other: that nobody knows the password shows in no login's time.
        nobodys = self._new_passwords.hash(new_token(""))
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.RESETTING.ensure(tx.principal)
            user = self._users.get_for_update(user_id)
            if user is None:
                raise UserNotFound
            self._replacement.replace(user, nobodys)
            self._reset_links.mail(user, _TEMPLATE_OF_ADMINS)
            self._audit.record(principal, PasswordEvent.VOIDED, subject=user_id)
            tx.commit()

    def issue_link(self, email: str) -> ResetLink:
        """Return a link for the operator to hand over; raise `UserNotFound`.

        The password works until the link is followed.
        """
        with self._transaction as tx:
            found = self._users.find_by_email(self._users.stored_address(email))
            user = self._users.get_for_update(found.id) if found else None
            if user is None:
                raise UserNotFound
            issued = self._reset_links.issue(user, Delivery.PRINTED)
            details = {"delivery": Delivery.PRINTED.value}
            self._audit.record(None, PasswordEvent.LINK_ISSUED, subject=user.id, details=details)
            tx.commit()
        return ResetLink(self._links.url(LinkKind.RESET, issued.token), issued.expires_at)

    def _person_behind(self, found: OneTimeTokenRecord) -> Person:
        """Return whose link it is, unless it is void already."""
        user = self._users.get(found.user_id) if found.user_id else None
        credentials = self._users.get_credentials(user.id) if user else None
        if user is None or credentials is None:
            raise LinkInvalid
        if delivery_of(found.binding, credentials.password_hash, user.email) is None:
            raise LinkInvalid
        return person_of(user)

    def _consume(self, token: str, user_id: int | None) -> tuple[User, Delivery]:
        """Use a link up; return its user, locked, and how it was delivered."""
        user = self._users.get_for_update(user_id) if user_id else None
        consumed = self._tokens.consume(token, Purpose.PASSWORD_RESET)
        if user is None:
            raise LinkInvalid
        delivery = delivery_of(consumed.binding, user.password_hash, user.email)
        if delivery is None:
            raise LinkInvalid
        return user, delivery
