"""The password once more, of somebody who is signed in."""

from userapi.audit.service import AuditTrail
from userapi.kit.errors import RateLimited, SessionEnded
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction
from userapi.passwords.errors import PasswordDelayed, PasswordLocked, WrongPassword
from userapi.passwords.events import PasswordEvent
from userapi.passwords.records import ProvenPassword
from userapi.throttling.errors import LoginDelayed, LoginLocked
from userapi.throttling.services.throttle import ProofThrottle
from userapi.users.models import User
from userapi.users.repository import UserRepository


class PasswordProof:
    """Asks callers for their password before what a stolen session must not do.

        proven = self._proof.check(principal, password)
        with self._transaction.of(principal, Writes({principal.user_id})) as tx:
            user = self._users.get_for_update(principal.user_id)
            self._proof.confirm(proven, user)
            ...

    Wrong ones delay and lock further ones as failed logins do, in a count of the account's own that
    holds up no login.
    """

    def __init__(
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        throttle: ProofThrottle,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._throttle = throttle
        self._audit = audit

    def check(self, principal: Principal, password: str) -> ProvenPassword:
        """Compare the caller's password, outside of every transaction.

        Raises `HashingBusy` before anything is counted, `PasswordDelayed` or `PasswordLocked`
        before anything is computed, `WrongPassword`, and `SessionEnded`.
        """
        with self._passwords.slot():
            failures = self._count_attempt(principal)
            credentials = self._users.get_credentials(principal.user_id)
            if credentials is None:
                raise SessionEnded
            holds = self._passwords.verify(password, credentials.password_hash)
        if not holds:
            self._record_failure(principal, failures)
            raise WrongPassword
        with self._transaction.of(principal) as tx:
            self._throttle.reset(principal.user_id)
            tx.commit()
        return ProvenPassword(principal.user_id, credentials.password_hash)

    def confirm(self, proven: ProvenPassword, user: User | None) -> User:
        """Return the locked user if its password is the proven one still.

        Raises `WrongPassword` where it was replaced since, `SessionEnded` where there is no user.
        """
        if user is None or user.id != proven.user_id:
            raise SessionEnded
        if user.password_hash != proven.password_hash:
            raise WrongPassword
        return user

    def _count_attempt(self, principal: Principal) -> int:
        """Count the attempt, visibly for everybody, before its password costs anything."""
        try:
            with self._transaction.of(principal) as tx:
                failures = self._throttle.register_attempt(principal.user_id)
                tx.commit()
        except (LoginDelayed, LoginLocked) as error:
            raise _refusal(error) from None
        return failures

    def _record_failure(self, principal: Principal, failures: int) -> None:
        with self._transaction.of(principal) as tx:
            self._audit.record(principal, PasswordEvent.REFUSED, subject=principal.user_id)
            self._throttle.clear_old(failures)
            if self._throttle.is_locked_at(failures):
                details = {"failures": failures}
                self._audit.record(
                    None, PasswordEvent.LOCKED, subject=principal.user_id, details=details
                )
            tx.commit()


def _refusal(error: RateLimited) -> RateLimited:
    kind = PasswordLocked if isinstance(error, LoginLocked) else PasswordDelayed
    return kind(error.retry_after)
