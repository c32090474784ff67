"""Mails that tell an account's owner what happened to it."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum

from userapi.mail.links import Link
from userapi.mail.records import Mail, Recipient
from userapi.mail.service import Mailer


class Notice(StrEnum):
    """What owners are told of: each is a template's name."""

    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - a template's name
    EMAIL_CHANGED = "email-changed"
    EMAIL_CORRECTED = "email-corrected"
    ROLE_CHANGED = "role-changed"
    NEW_SIGN_IN = "new-sign-in"
    ACCOUNT_CLOSED = "account-closed"
    ACCOUNT_RESTORED = "account-restored"


class Notices:
    """Tells owners, unless the operator switched the notice off."""

    def __init__(self, *, mailer: Mailer, switched_off: Collection[Notice]) -> None:
        self._mailer = mailer
        self._switched_off = frozenset(switched_off)

    def tell(
        self,
        notice: Notice,
        recipient: Recipient,
        values: Mapping[str, str] | None = None,
        *,
        link: Link | None = None,
        expires_at: datetime | None = None,
    ) -> None:
        """Queue the notice within the caller's transaction.

        When and where it happened is that of the current request, unless `values` tell. The link,
        and with it the mail, is good until `expires_at`.
        """
        if notice not in self._switched_off:
            self._mailer.put(
                Mail(
                    template=notice.value,
                    recipient=recipient,
                    values=values or {},
                    link=link,
                    expires_at=expires_at,
                )
            )
