"""What happens when somebody logs in."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum

from userapi.audit.service import AuditTrail
from userapi.kit.errors import DomainError
from userapi.kit.passwords import PasswordHasher
from userapi.kit.transaction import Transaction
from userapi.login.errors import AccountDeactivated, EmailUnverified, InvalidCredentials
from userapi.login.events import LoginEvent
from userapi.mail.notices import Notice, Notices
from userapi.sessions.events import SessionEvent
from userapi.sessions.records import SessionHistory, TokenPair
from userapi.sessions.services.lifecycle import SessionOpener
from userapi.throttling.errors import LoginDelayed
from userapi.throttling.events import ThrottlingEvent
from userapi.throttling.failed_attempts import FailedAttempts
from userapi.throttling.services.throttle import LoginThrottle, RecognizedDevice, TrustedDevices
from userapi.users.models import User
from userapi.users.recipients import recipient_of
from userapi.users.records import PasswordCredentials
from userapi.users.repository import UserRepository

_REASONS: Mapping[type[DomainError], str] = {
    AccountDeactivated: "deactivated",
    EmailUnverified: "unverified",
}
"""What the audit trail says of failures with the right password."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoginResult(TokenPair):
    """What a login gives: tokens, and what the device is known by from then on."""

    device_token: str


class Recognition(StrEnum):
    """What a login's device is to the account; the audit trail tells it, too.

    A first login is certainly the first one that the account ever had: it is news to nobody.
    """

    KNOWN = "known"
    NEW = "new"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Attempt:
    """An attempt that was let in: the failures count it as one more, until it succeeds."""

    email: str
    device: RecognizedDevice | None
    failures: int

    @property
    def recognition(self) -> Recognition:
        """What the device is to the account, as far as its token tells."""
        return Recognition.NEW if self.device is None else Recognition.KNOWN


@dataclass(frozen=True, slots=True)
class Proof:
    """What a password proves: `rehashed` is its hash as of today where that is missing."""

    credentials: PasswordCredentials | None
    holds: bool
    rehashed: str | None

    def is_of(self, stored: str) -> bool:
        """Say whether it is the `stored` hash that the password was compared with."""
        return self.credentials is not None and self.credentials.password_hash == stored


class LoginService:
    """Logging in."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        passwords: PasswordHasher,
        sessions: SessionOpener,
        throttle: LoginThrottle,
        failures: FailedAttempts,
        devices: TrustedDevices,
        notices: Notices,
        audit: AuditTrail,
        requires_verified: bool,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._passwords = passwords
        self._sessions = sessions
        self._throttle = throttle
        self._failures = failures
        self._devices = devices
        self._notices = notices
        self._audit = audit
        self._requires_verified = requires_verified

    def log_in(self, email: str, password: str, device_token: str | None = None) -> LoginResult:
        """Open a session.

        Raises `HashingBusy` before anything is counted, `LoginDelayed` or `LoginLocked` before
        anything is computed, `InvalidCredentials`, `AccountDeactivated` or `EmailUnverified`
        afterwards. An unknown address is counted, and costs time and statements, like a known one.
        The password is hashed anew when its hash is at another cost than today's, or not of its
        normal form.
        """
        address = self._users.stored_address(email)
        device = self._devices.find(address, device_token)
        if device is None:
            self._ensure_free(address)
        with self._passwords.slot():
            attempt = Attempt(address, device, failures=self._count_attempt(address, device))
            proof = self._prove(address, password)
        outcome = self._settle(attempt, proof)
        while outcome is None:
            with self._passwords.slot(is_patient=True):  # it has been counted
                proof = self._prove(address, password)
            outcome = self._settle(attempt, proof)
        if isinstance(outcome, LoginResult):
            return outcome
        if device is None:
            self._failures.count(address)
        raise outcome

    def _ensure_free(self, email: str) -> None:
        seconds = self._failures.seconds_until_free(email)
        if seconds > 0:
            raise LoginDelayed(seconds)

    def _count_attempt(self, email: str, device: RecognizedDevice | None) -> int:
        """Count the attempt, visibly for everybody, before its password costs anything."""
        with self._transaction as tx:
            failures = self._throttle.register_attempt(email, device)
            tx.commit()
        return failures

    def _prove(self, email: str, password: str) -> Proof:
        credentials = self._users.find_credentials(email)
        stored = credentials.password_hash if credentials else None
        check = self._passwords.check(password, stored)
        rehashed = self._passwords.hash(password) if check.is_outdated else None
        return Proof(credentials, check.holds, rehashed)

    def _settle(self, attempt: Attempt, proof: Proof) -> LoginResult | DomainError | None:
        """Return what the login gives, or the failure that has to outlive its error answer.

        None where the hash was replaced since the password was compared with it: nobody hashes
        within a transaction, in which others would wait for that.
        """
        with self._transaction as tx:
            user = self._lock_proven(proof)
            if user is not None and not proof.is_of(user.password_hash):
                return None
            outcome = self._conclude(attempt, proof, user)
            tx.commit()
        return outcome

    def _conclude(
        self, attempt: Attempt, proof: Proof, user: User | None
    ) -> LoginResult | DomainError:
        if user is None:
            return self._fail(attempt, proof, InvalidCredentials())
        if not user.is_active:
            return self._fail(attempt, proof, AccountDeactivated())
        if self._requires_verified and user.email_verified_at is None:
            return self._fail(attempt, proof, EmailUnverified())
        if proof.rehashed is not None:
            user.password_hash = proof.rehashed
        history = self._sessions.history_of(user.id)
        recognition = self._recognize(attempt, user, history)
        device = self._devices.remember(user.id, attempt.device)
        signed_in = self._users.save(user)
        opened = self._sessions.open(signed_in, history, device.id)
        self._throttle.reset(attempt.email, attempt.device)
        self._audit.record(
            user.id,
            SessionEvent.CREATED,
            subject=user.id,
            object=opened.session_id,
            details={"device": recognition},
        )
        if recognition is Recognition.NEW:
            self._notices.tell(Notice.NEW_SIGN_IN, recipient_of(signed_in))
        return LoginResult(**asdict(opened.tokens), device_token=device.token)

    def _lock_proven(self, proof: Proof) -> User | None:
        """Return the user, locked, if the password was right; it may be another one by now."""
        if not proof.holds or proof.credentials is None:
            return None
        return self._users.get_for_update(proof.credentials.id)

    def _recognize(self, attempt: Attempt, user: User, history: SessionHistory) -> Recognition:
        """Return what the device is to the account, before the login makes it known."""
        if attempt.device is None and self._sessions.is_first(user, history):
            return Recognition.FIRST
        return attempt.recognition

    def _fail(self, attempt: Attempt, proof: Proof, error: DomainError) -> DomainError:
        """Record a failure; the same statements whether an account has the address or not."""
        subject = proof.credentials.id if proof.credentials else None
        device = attempt.recognition
        reason = _REASONS.get(type(error), "password")
        self._audit.record(
            None,
            LoginEvent.FAILED,
            subject=subject,
            details={"reason": reason, "device": device},
        )
        self._throttle.clear_old(attempt.failures)
        if self._throttle.is_locked_at(attempt.failures):
            self._audit.record(
                None,
                ThrottlingEvent.LOCKED,
                subject=subject,
                details={"failures": attempt.failures, "device": device},
            )
        return error
