"""A mail server that is down, slow, or does not want to (F19)."""

import time
from collections import Counter

from benchmarks.faults.asking import Answers
from benchmarks.faults.case import Bench, Case, Findings, Seen
from benchmarks.faults.journeys import sign_up
from benchmarks.faults.service import seconds_until
from benchmarks.faults.storm import failures, quantile
from support.smtp import Mood, SMTPServer, smtp_server

_MOODS = (Mood.UP, Mood.SLOW, Mood.BUSY, Mood.DEAD, Mood.FULL)
_DRAIN_SECONDS = 60.0
_REGISTRATION_SECONDS = 0.3


def refuse_mail(bench: Bench) -> Seen:
    """Have people register while the mail server is in one bad mood after the other."""
    found, answers = Findings(), Answers()
    with smtp_server() as server, bench.database() as database:
        settings = {
            "MAIL_SENDER": "smtp",
            "MAIL_FROM": "accounts@example.com",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(server.port),
            "SMTP_SECURITY": "none",
            "PUBLIC_URL": "http://127.0.0.1:5000",
        }
        with bench.service(database, **settings) as service:
            emails: list[str] = []
            for mood in _MOODS:
                server.mood = mood
                many = range(bench.pick(20, 3))
                emails += [sign_up(service.url, answers).email for _ in many]
            server.mood = Mood.UP
            drained = seconds_until(lambda: _arrived(server, emails), 3 * _DRAIN_SECONDS)
            time.sleep(1)
    times = [each.seconds for each in answers.all() if each.operation == "register"]
    counts = Counter(received.recipient for received in server.received)
    lost = [email for email in emails if not counts[email]]
    doubled = sum(count - 1 for count in counts.values())
    found.misses += failures(answers.all())
    found.within(
        f"{len(times)} registrations, 99 of 100", quantile(times, 0.99), _REGISTRATION_SECONDS
    )
    found.demand(f"{len(lost)} mails lost", holds=not lost)
    found.demand(f"{doubled} sent twice", holds=doubled <= 1)
    found.within("all sent", drained, _DRAIN_SECONDS)
    return found.seen()


def _arrived(server: SMTPServer, emails: list[str]) -> bool:
    return {received.recipient for received in list(server.received)} >= set(emails)


CASES = (
    Case(
        "F19",
        "the mail server is slow, busy, full, or breaks off in the middle of a mail",
        "registrations answered as ever, within 0.3 s; 0 mails lost, at most 1 sent twice;"
        " all sent within 60 s after it is back",
        refuse_mail,
        minutes=8,
    ),
)
