"""Changing one's own password."""

from userapi.audit.service import AuditTrail
from userapi.kit.errors import SessionEnded
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.mail.notices import Notice, Notices
from userapi.passwords.events import PasswordEvent
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.people import person_of
from userapi.passwords.records import PasswordChange
from userapi.passwords.services.proof import PasswordProof
from userapi.passwords.services.replacement import PasswordReplacement
from userapi.users.recipients import recipient_of
from userapi.users.repository import UserRepository


class PasswordChangeService:
    """Replaces the password of a caller who knows it."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        new_passwords: NewPasswords,
        proof: PasswordProof,
        replacement: PasswordReplacement,
        notices: Notices,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._new_passwords = new_passwords
        self._proof = proof
        self._replacement = replacement
        self._notices = notices
        self._audit = audit

    def change(self, principal: Principal, change: PasswordChange) -> None:
        """Give the caller another password; its other sessions end.

        Raises `InvalidInput` for a password that is easy to guess, before the current one is looked
        at; what `PasswordProof` raises, and `SessionEnded`.
        """
        found = self._users.get(principal.user_id)
        if found is None:
            raise SessionEnded
        self._new_passwords.ensure_good(change.new_password, person_of(found), field="new_password")
        proven = self._proof.check(principal, change.current_password)
        password_hash = self._new_passwords.hash(change.new_password)
        with self._transaction.of(principal, Writes({principal.user_id})) as tx:
            user = self._proof.confirm(proven, self._users.get_for_update(principal.user_id))
            changed = self._replacement.replace_own(principal, user, password_hash)
            self._audit.record(principal, PasswordEvent.CHANGED, subject=changed.id)
            self._notices.tell(Notice.PASSWORD_CHANGED, recipient_of(changed))
            tx.commit()
