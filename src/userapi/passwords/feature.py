"""What passwords bring."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Flask

from userapi.audit.service import AuditTrail
from userapi.config.settings import Settings
from userapi.container import Feature, Shared
from userapi.kit.jobs import JobHandler
from userapi.kit.passwords import PasswordHasher
from userapi.mail.links import Links
from userapi.mail.notices import Notices
from userapi.mail.service import Mailer
from userapi.mail.settings import ProductSettings
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.outbox.service import Later
from userapi.passwords.breaches import BreachRanges
from userapi.passwords.commands import reset_password
from userapi.passwords.common import is_common
from userapi.passwords.diagnosis import DIAGNOSIS
from userapi.passwords.events import PasswordEvent
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.resources import blp
from userapi.passwords.schemas import MIN_LENGTH_KEY
from userapi.passwords.services.changing import PasswordChangeService
from userapi.passwords.services.forgetting import FORGOTTEN, ForgottenPasswords
from userapi.passwords.services.links import ResetLinks
from userapi.passwords.services.proof import PasswordProof
from userapi.passwords.services.replacement import PasswordReplacement
from userapi.passwords.services.resetting import PasswordResetService
from userapi.passwords.settings import PasswordPolicySettings
from userapi.passwords.weakness import PasswordRules
from userapi.sessions.repository import SessionRepository
from userapi.throttling.services.throttle import ProofThrottle
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.repository import UserRepository
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what takes new passwords, has old ones proven, and replaces them."""
    new_passwords = _new_passwords(shared)
    proof = PasswordProof(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        passwords=shared.get(PasswordHasher),
        throttle=shared.get(ProofThrottle),
        audit=shared.get(AuditTrail),
    )
    replacement = PasswordReplacement(
        users=shared.get(UserRepository),
        sessions=shared.get(SessionRepository),
        logins=shared.get(LoginHistory),
        tokens=shared.get(OneTimeTokens),
    )
    yield new_passwords
    yield proof
    yield PasswordChangeService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        new_passwords=new_passwords,
        proof=proof,
        replacement=replacement,
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
    )
    yield from _resets(shared, new_passwords, replacement)


def _new_passwords(shared: Shared) -> NewPasswords:
    settings = shared.settings.of(PasswordPolicySettings)
    url = settings.breach_check_url
    return NewPasswords(
        rules=PasswordRules(
            min_length=settings.min_length,
            refuses_guessable=settings.refuses_guessable,
            product=shared.settings.of(ProductSettings).name,
            is_common=is_common,
        ),
        breaches=BreachRanges(url=url) if url else None,
        passwords=shared.get(PasswordHasher),
    )


def _resets(
    shared: Shared, new_passwords: NewPasswords, replacement: PasswordReplacement
) -> Iterator[object]:
    reset_links = ResetLinks(
        users=shared.get(UserRepository),
        tokens=shared.get(OneTimeTokens),
        mailer=shared.get(Mailer),
    )
    yield reset_links
    yield ForgottenPasswords(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        later=shared.get(Later),
        links=reset_links,
        audit=shared.get(AuditTrail),
        key=shared.derived_key("forgotten passwords"),
        client_info=shared.client_info,
        clock=shared.clock,
    )
    yield PasswordResetService(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        new_passwords=new_passwords,
        replacement=replacement,
        tokens=shared.get(OneTimeTokens),
        reset_links=reset_links,
        links=shared.get(Links),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )


def init(app: Flask, parts: Mapping[type, Any]) -> None:
    """Tell the schemas how long a new password is at least."""
    settings: PasswordPolicySettings = parts[Settings].of(PasswordPolicySettings)
    app.config[MIN_LENGTH_KEY] = settings.min_length


FEATURE = Feature(
    name="passwords",
    events=PasswordEvent,
    blueprint=blp,
    build=build,
    init=init,
    settings=(PasswordPolicySettings,),
    commands=(reset_password,),
    diagnoses=(DIAGNOSIS,),
    jobs=(
        JobHandler(
            kind=FORGOTTEN,
            run=lambda payload: provided(ForgottenPasswords).mail_link(payload),
            # It tells where somebody was; who still wants a link has asked once more.
            is_kept=False,
        ),
    ),
)
