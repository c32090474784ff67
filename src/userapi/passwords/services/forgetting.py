"""Forgotten passwords: asked for in one step, which is the same for everybody, mailed in another.

Whoever asks is answered before anybody looks whether there is such an account, and a job is left
in either case. What differs happens in a worker, where nobody who asks can measure it.
"""

import hashlib
import hmac

from userapi.audit.service import AuditTrail
from userapi.kit.client_info import ClientInfoReader
from userapi.kit.clock import Clock, timestamp
from userapi.kit.jobs import Payload
from userapi.kit.transaction import Transaction
from userapi.outbox.service import Later
from userapi.passwords.events import PasswordEvent
from userapi.passwords.services.links import ResetLinks
from userapi.users.repository import UserRepository

FORGOTTEN = "password-forgotten"
"""The kind of job that mails a link to whoever has forgotten the password."""

_TEMPLATE = "password-reset"


class ForgottenPasswords:
    """Has links mailed to those who have forgotten their passwords."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        users: UserRepository,
        later: Later,
        links: ResetLinks,
        audit: AuditTrail,
        key: bytes,
        client_info: ClientInfoReader,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._users = users
        self._later = later
        self._links = links
        self._audit = audit
        self._key = key
        self._client_info = client_info
        self._clock = clock

    def ask(self, email: str) -> None:
        """Leave it to a worker to mail a link, if an account has that address.

        The statements are the same if none has. While one waits to be mailed, asking again does
        nothing; nothing of the account changes.
        """
        client = self._client_info()
        with self._transaction as tx:
            address = self._users.stored_address(email)
            user = self._users.find_by_email(address)
            # The table lists no addresses that somebody typed.
            name = hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()
            payload: Payload = {
                "user_id": user.id if user else None,
                "at": timestamp(self._clock()),
                "address": client.address,
                "user_agent": client.user_agent,
            }
            self._later.put(FORGOTTEN, name, payload)
            self._audit.record(None, PasswordEvent.FORGOTTEN, subject=user.id if user else None)
            tx.commit()

    def mail_link(self, payload: Payload) -> None:
        """Mail a link to the user that a job names; links of before work still, the newest ones.

        Where the mailbox has had too many mails, nothing is changed.
        """
        user_id = payload["user_id"]
        if not isinstance(user_id, int):
            return
        values = {
            name: value
            for name in ("at", "address", "user_agent")
            if isinstance(value := payload[name], str)
        }
        with self._transaction as tx:
            user = self._users.get_for_update(user_id)
            if user is None or not self._links.mail(user, _TEMPLATE, values):
                return
            self._audit.record(
                None, PasswordEvent.LINK_ISSUED, subject=user_id, details={"delivery": "mailed"}
            )
            tx.commit()
