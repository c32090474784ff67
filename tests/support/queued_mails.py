"""Mails that were left to be sent, opened."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from support.applications import settings_of
from userapi.config.secrets import SecretSettings
from userapi.kit.secrets import derived_key
from userapi.mail.links import Link
from userapi.mail.models import MailRow
from userapi.mail.sealing import Seal


@dataclass(frozen=True)
class QueuedMail:
    """A mail that waits; `link` is what it leads to."""

    template: str
    recipient: str
    user_id: int | None
    language: str | None
    link: Link | None
    values: Mapping[str, str]

    @property
    def token(self) -> str:
        """The token of its link."""
        assert self.link is not None
        return self.link.token


def queued_mails(app: Flask, session: Session) -> list[QueuedMail]:
    """Return the mails that wait, the oldest first."""
    seal = Seal(derived_key(settings_of(app).of(SecretSettings).secret_key, "waiting mails"))
    session.expire_all()
    rows = session.scalars(select(MailRow).order_by(MailRow.created_at, MailRow.id)).all()
    mails = []
    for row in rows:
        assert row.sealed is not None
        content = seal.open(row.sealed, row.id)
        mails.append(
            QueuedMail(
                template=row.template,
                recipient=row.recipient,
                user_id=row.user_id,
                language=row.language,
                link=content.link,
                values=content.values,
            )
        )
    session.commit()
    return mails
