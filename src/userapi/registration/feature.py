"""What registration brings."""

from collections.abc import Iterator

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Purge, Shared
from userapi.invitations.services.acceptance import InvitationAcceptance
from userapi.kit.jobs import JobHandler
from userapi.kit.passwords import PasswordHasher
from userapi.mail.notices import Notices
from userapi.mail.service import Mailer
from userapi.mail.settings import MailSettings, SenderKind
from userapi.one_time_tokens.records import Purpose
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.outbox.service import Later
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.services.links import ResetLinks
from userapi.passwords.services.proof import PasswordProof
from userapi.rate_limits.attempts import AttemptLimit
from userapi.rate_limits.settings import RateLimitSettings
from userapi.rate_limits.store import RateLimitStore
from userapi.rate_limits.stored_limits import StoredAttemptLimit
from userapi.registration.commands import create_admin
from userapi.registration.events import AccountEvent
from userapi.registration.models import PendingRegistration
from userapi.registration.records import RegistrationMode
from userapi.registration.repository import PendingRegistrationRepository
from userapi.registration.resources import blp
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.address_change import EmailChangeService
from userapi.registration.services.admissions import (
    Admission,
    ClosedAdmission,
    OpenAdmission,
    PrivateAdmission,
)
from userapi.registration.services.holders import AddressHolders
from userapi.registration.services.invited import InvitedAdmission, UninvitedAdmission
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.proofs import AccountProof, Proof, RegistrationProof
from userapi.registration.services.readdressing import ChangeProof, EmailUndoService, Readdressing
from userapi.registration.services.registration import RegistrationService
from userapi.registration.services.verification import RESEND, ResendService, VerificationService
from userapi.registration.services.waiting import PendingRetention, WaitingRegistrations
from userapi.registration.settings import RegistrationSettings
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.removal import UserRemoval
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what makes accounts, and what proves and changes their addresses."""
    yield from _collaborators(shared)
    yield RegistrationService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        new_passwords=shared.get(NewPasswords),
        overall=build_registration_limit(shared.settings, shared.get(RateLimitStore)),
        admission=_admission(shared),
        accounts=shared.get(Accounts),
    )
    yield from _verification(shared)
    yield from _changes(shared)
    yield PendingRetention(
        transaction=shared.transaction, pending=shared.get(PendingRegistrationRepository)
    )


def _collaborators(shared: Shared) -> Iterator[object]:
    """Yield what several services use."""
    tokens, audit = shared.get(OneTimeTokens), shared.get(AuditTrail)
    pending = PendingRegistrationRepository(db=shared.db, clock=shared.database_clock)
    yield pending
    yield Accounts(
        users=shared.get(UserRepository),
        logins=shared.get(LoginHistory),
        audit=audit,
        clock=shared.clock,
    )
    yield AddressHolders(
        users=shared.get(UserRepository),
        removal=shared.get(UserRemoval),
        audit=audit,
        clock=shared.clock,
    )
    mails = AddressMails(
        mailer=shared.get(Mailer),
        notices=shared.get(Notices),
        tokens=tokens,
        is_on=shared.settings.of(MailSettings).sender is not SenderKind.NONE,
    )
    yield mails
    yield WaitingRegistrations(pending=pending, mails=mails, tokens=tokens, audit=audit)


def _admission(shared: Shared) -> Admission:
    """Return what becomes of a stranger's registration."""
    mode = shared.settings.of(RegistrationSettings).mode
    holders, waiting = shared.get(AddressHolders), shared.get(WaitingRegistrations)
    accounts = shared.get(Accounts)
    if mode is RegistrationMode.CLOSED:
        return ClosedAdmission()
    others: Admission = UninvitedAdmission()
    if mode is RegistrationMode.OPEN:
        mails = shared.get(AddressMails)
        others = OpenAdmission(accounts=accounts, holders=holders, waiting=waiting, mails=mails)
    elif mode is RegistrationMode.PRIVATE:
        others = PrivateAdmission(holders=holders, waiting=waiting)
    return InvitedAdmission(
        invitations=shared.get(InvitationAcceptance),
        accounts=accounts,
        holders=holders,
        waiting=waiting,
        others=others,
    )


def _verification(shared: Shared) -> Iterator[object]:
    """Yield what takes the links that prove addresses, and mails them once more."""
    yield Readdressing(
        users=shared.get(UserRepository),
        removal=shared.get(UserRemoval),
        logins=shared.get(LoginHistory),
        tokens=shared.get(OneTimeTokens),
        waiting=shared.get(WaitingRegistrations),
        clock=shared.clock,
    )
    yield VerificationService(
        transaction=shared.transaction, tokens=shared.get(OneTimeTokens), proofs=_proofs(shared)
    )
    yield ResendService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        pending=shared.get(PendingRegistrationRepository),
        mails=shared.get(AddressMails),
        later=shared.get(Later),
        audit=shared.get(AuditTrail),
        holders=shared.get(AddressHolders),
        admits_waiting=_admits_strangers(shared),
        key=shared.derived_key("verification links asked for again"),
    )


def _admits_strangers(shared: Shared) -> bool:
    """Say whether anybody may register: else what waits since before waits in vain."""
    mode = shared.settings.of(RegistrationSettings).mode
    return mode in {RegistrationMode.OPEN, RegistrationMode.PRIVATE}


def _proofs(shared: Shared) -> dict[Purpose, Proof]:
    """Return what takes the links of each purpose."""
    users, tokens, audit = (
        shared.get(UserRepository),
        shared.get(OneTimeTokens),
        shared.get(AuditTrail),
    )
    holders, waiting = shared.get(AddressHolders), shared.get(WaitingRegistrations)
    proofs: dict[Purpose, Proof] = {
        Purpose.EMAIL_VERIFICATION: AccountProof(
            users=users, tokens=tokens, waiting=waiting, audit=audit, clock=shared.clock
        ),
        Purpose.EMAIL_CHANGE: ChangeProof(
            users=users,
            holders=holders,
            readdressing=shared.get(Readdressing),
            tokens=tokens,
            mails=shared.get(AddressMails),
            audit=audit,
        ),
    }
    if _admits_strangers(shared):
        proofs[Purpose.REGISTRATION] = RegistrationProof(
            pending=shared.get(PendingRegistrationRepository),
            holders=holders,
            accounts=shared.get(Accounts),
            tokens=tokens,
            waiting=waiting,
        )
    return proofs


def _changes(shared: Shared) -> Iterator[object]:
    """Yield what changes addresses, and undoes that."""
    yield EmailChangeService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        proof=shared.get(PasswordProof),
        tokens=shared.get(OneTimeTokens),
        holders=shared.get(AddressHolders),
        mails=shared.get(AddressMails),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )
    yield EmailUndoService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        holders=shared.get(AddressHolders),
        readdressing=shared.get(Readdressing),
        tokens=shared.get(OneTimeTokens),
        reset_links=shared.get(ResetLinks),
        mails=shared.get(AddressMails),
        audit=shared.get(AuditTrail),
    )


def build_registration_limit(settings: Settings, store: RateLimitStore) -> AttemptLimit | None:
    """Return the limit of all registrations together; None where limits are switched off."""
    limits = settings.of(RateLimitSettings)
    if not limits.enabled:
        return None
    return StoredAttemptLimit(name="registrations", limit=limits.registrations_overall, store=store)


FEATURE = Feature(
    name="registration",
    events=AccountEvent,
    blueprint=blp,
    build=build,
    settings=(RegistrationSettings,),
    models=(PendingRegistration,),
    commands=(create_admin,),
    purges=(
        Purge(
            "registrations that were not confirmed",
            delete=lambda report: provided(PendingRetention).delete_expired(report),
            count=lambda: provided(PendingRetention).count_expired(),
        ),
    ),
    jobs=(
        JobHandler(
            kind=RESEND,
            run=lambda payload: provided(ResendService).mail_again(payload),
            is_kept=False,  # who still wants a link has asked once more
        ),
    ),
)
