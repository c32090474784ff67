"""The mails about addresses, and the links that they carry."""

from datetime import datetime

from userapi.mail.catalogue import UNKNOWN_ORIGIN
from userapi.mail.links import Link, LinkKind
from userapi.mail.notices import Notice, Notices
from userapi.mail.records import Mail, Recipient
from userapi.mail.service import Mailer
from userapi.one_time_tokens.records import Purpose, TokenSubject
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.registration.policy import PROOF_LIFETIME, UNDO_LIFETIME
from userapi.registration.records import WaitingRegistration
from userapi.users.recipients import recipient_of
from userapi.users.records import AddressHolder, UserRecord


class AddressMails:
    """Issues links and leaves mails, within the caller's transaction.

    Where a method returns that the mail is not sent, because mail is off or the mailbox has had too
    many, the caller rolls back or takes back what it did: links from before must stay valid.
    """

    def __init__(
        self, *, mailer: Mailer, notices: Notices, tokens: OneTimeTokens, is_on: bool
    ) -> None:
        self._mailer = mailer
        self._notices = notices
        self._tokens = tokens
        self.is_on = is_on

    def ask_for_proof(self, user: UserRecord, *, tells_origin: bool = True) -> bool:
        """Mail the link that proves the address of an account; say whether it is sent.

        Without `tells_origin` the mail does not tell where the caller is.
        """
        subject = TokenSubject(address=user.email, user_id=user.id)
        issued = self._tokens.issue(Purpose.EMAIL_VERIFICATION, subject, PROOF_LIFETIME)
        return self._mailer.put(
            Mail(
                template="email-verification",
                recipient=recipient_of(user),
                values={} if tells_origin else UNKNOWN_ORIGIN,
                link=Link(LinkKind.VERIFY, issued.token),
                expires_at=issued.expires_at,
            )
        )

    def ask_to_confirm(
        self, waiting: WaitingRegistration, holder: AddressHolder | None
    ) -> datetime | None:
        """Mail the link that makes an account of a registration; return until when it works.

        Where the address has a `holder`, that one is told instead, by the same statements. None
        when no mail is sent.
        """
        subject = TokenSubject(address=waiting.email, subject_id=waiting.id)
        issued = self._tokens.issue(Purpose.REGISTRATION, subject, PROOF_LIFETIME)
        mail = Mail(
            template="registration-verification",
            recipient=Recipient(address=waiting.email, language=waiting.language),
            link=Link(LinkKind.VERIFY, issued.token),
            expires_at=issued.expires_at,
        )
        sent = self._mailer.put(mail if holder is None else _taken(holder, issued.expires_at))
        return issued.expires_at if sent else None

    def ask_for_change(
        self, subject: TokenSubject, user: UserRecord, taken_by: AddressHolder | None
    ) -> None:
        """Mail the link that gives a user the address of `subject`; others of before are void.

        Where that is taken its holder is told instead, by the same statements.
        """
        self._tokens.revoke(user.id, {Purpose.EMAIL_CHANGE})
        issued = self._tokens.issue(Purpose.EMAIL_CHANGE, subject, PROOF_LIFETIME)
        mail = Mail(
            template="email-change",
            recipient=Recipient(address=subject.address, user_id=user.id, language=user.language),
            # Who is not asked by name might prove the address for a stranger's account.
            values={"account": user.email},
            link=Link(LinkKind.CHANGE, issued.token),
            expires_at=issued.expires_at,
        )
        self._mailer.put(mail if taken_by is None else _taken(taken_by, issued.expires_at))

    def tell_changed(self, before: UserRecord) -> None:
        """Tell the address that a user had before that it is another now.

        Where it was proven it gets a link that undoes the change. Any other one may be a
        stranger's, who would get the account.
        """
        link = expires_at = None
        if before.email_verified:
            subject = TokenSubject(address=before.email, user_id=before.id)
            issued = self._tokens.issue(Purpose.EMAIL_UNDO, subject, UNDO_LIFETIME)
            link, expires_at = Link(LinkKind.UNDO, issued.token), issued.expires_at
        self._notices.tell(
            Notice.EMAIL_CHANGED, recipient_of(before), link=link, expires_at=expires_at
        )

    def tell_undone(self, before: UserRecord) -> None:
        """Tell the address that a user had before a change was undone."""
        self._notices.tell(Notice.EMAIL_CHANGED, recipient_of(before))


def _taken(holder: AddressHolder, expires_at: datetime) -> Mail:
    recipient = Recipient(address=holder.email, user_id=holder.id, language=holder.language)
    return Mail(template="address-taken", recipient=recipient, expires_at=expires_at)
