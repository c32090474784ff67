"""Mail in tests: a real server takes it, and the jobs that wait are done when a test says so.

    def test_a_password_is_reset(client: FlaskClient, user: Account, mailbox: Mailbox) -> None:
        client.post(FORGOT, json={"email": user.email})

        mailbox.deliver()

        mail = mailbox.last(to=user.email)
        assert mail.subject == "Choose a new password"
        client.post(RESET, json={"token": mail.token, "password": NEW})

A mail is as the server got it, parsed: `recipient`, `subject`, `text`, `html`, `link`, `token`
(of the link's fragment) and `message`. `mailbox.server.mood = Mood.BUSY` and the like change what
the server does (`support.smtp`); `mailbox.make_due()` spares the wait for the next attempt.

The fixture `mailbox` is that of `app`, `own_mailbox` that of `own_app`. Of another application it
is `mailbox_of(other)`.
"""

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import update

from support.smtp import Received, SMTPServer, smtp_server
from support.transactions import transaction_on
from userapi.container import FeatureList
from userapi.jobs.outcomes import attempt
from userapi.jobs.service import JobQueue
from userapi.kit.email_addresses import canonical_email
from userapi.outbox.models import Job
from userapi.web.services import provided


@dataclass
class Mailbox:
    """The mails of everybody, and the jobs of one application."""

    app: Flask
    server: SMTPServer

    def deliver(self) -> int:
        """Do all jobs that are due, those that send mail among them; return how many there were."""
        done = 0
        while self._do_next():
            done += 1
        return done

    def all(self, *, to: str | None = None) -> Sequence[Received]:
        """Return the mails that arrived, to that address if one is named, the latest last."""
        received = self.server.received
        if to is None:
            return list(received)
        return [it for it in received if canonical_email(it.recipient) == canonical_email(to)]

    def last(self, *, to: str) -> Received:
        """Return the latest mail to that address; fail where none arrived."""
        found = self.all(to=to)
        arrived = [(it.recipient, it.subject) for it in self.server.received]
        assert found, f"no mail to {to} arrived, but: {arrived}"
        return found[-1]

    def clear(self) -> None:
        """Forget the mails that arrived."""
        self.server.received.clear()

    def make_due(self) -> None:
        """Let the jobs that wait for another attempt be due now."""
        with self.app.app_context():
            session = self.app.extensions["sqlalchemy"].session
            with transaction_on(session) as tx:
                session.execute(update(Job).values(due_at=Job.created_at, lease_until=None))
                tx.commit()

    def _do_next(self) -> bool:
        """Do one job as a worker does; return whether there was one."""
        with self.app.app_context():
            queue = provided(JobQueue)
            job = queue.claim()
            if job is None:
                return False
            handler = provided(FeatureList).job_handlers()[job.kind]
        with self.app.app_context():
            outcome = attempt(handler, job.payload, job.attempts)
        with self.app.app_context():
            queue.settle(job, outcome)
        return True


@contextlib.contextmanager
def mailbox_of(app: Flask) -> Iterator[Mailbox]:
    """Yield the mailbox of an application until the block ends."""
    with smtp_server() as server:
        yield Mailbox(app, server)
