"""The links by which passwords are reset, as they are issued."""

from collections.abc import Mapping
from datetime import timedelta

from userapi.mail.links import Link, LinkKind
from userapi.mail.records import Mail
from userapi.mail.service import Mailer
from userapi.one_time_tokens.records import IssuedToken, Purpose, TokenSubject
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.bindings import Delivery, reset_binding
from userapi.passwords.records import RESET_LIFETIME
from userapi.users.models import User
from userapi.users.recipients import recipient_of
from userapi.users.repository import UserRepository


class ResetLinks:
    """Issues links, within the caller's transaction; the user is locked."""

    def __init__(self, *, users: UserRepository, tokens: OneTimeTokens, mailer: Mailer) -> None:
        self._users = users
        self._tokens = tokens
        self._mailer = mailer

    def issue(
        self, user: User, delivery: Delivery, lifetime: timedelta = RESET_LIFETIME
    ) -> IssuedToken:
        """Return a token that replaces the password that the user has now."""
        subject = TokenSubject(
            address=user.email,
            user_id=user.id,
            binding=reset_binding(user.password_hash, user.email, delivery),
        )
        return self._tokens.issue(Purpose.PASSWORD_RESET, subject, lifetime)

    def mail(
        self,
        user: User,
        template: str,
        values: Mapping[str, str] | None = None,
        *,
        lifetime: timedelta = RESET_LIFETIME,
    ) -> bool:
        """Mail a link; say whether it will be sent.

        Where it will not, and links of before are to work still, the caller must not commit.
        """
        record = self._users.get(user.id)
        if record is None:
            return False
        issued = self.issue(user, Delivery.MAILED, lifetime)
        mail = Mail(
            template=template,
            recipient=recipient_of(record),
            values=values or {},
            link=Link(LinkKind.RESET, issued.token),
            expires_at=issued.expires_at,
        )
        return self._mailer.put(mail)
