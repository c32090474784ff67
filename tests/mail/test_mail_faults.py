"""Workers that are killed while they send, to a server in every mood: nothing is lost."""

import contextlib
import itertools
import logging
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask

from mail import mail_worker
from mail.mails import reset_mail
from support.applications import application, settings_for_testing
from support.mailbox import Mailbox, mailbox_of
from support.processes import PRODUCTION_SECRETS, clean_environment
from support.races import IS_FULL
from support.smtp import Mood
from support.transactions import transaction_on
from userapi.mail.records import LIST_LENGTH, MailState
from userapi.mail.repository import MailRepository
from userapi.mail.service import Mailer
from userapi.web.services import provided

pytestmark = [pytest.mark.race, pytest.mark.system]

TESTS = Path(__file__).parents[1]
MAILS = 200 if IS_FULL else 30
KILLS = 20 if IS_FULL else 4
MOODS = (Mood.UP, Mood.SLOW, Mood.BUSY, Mood.DEAD)
LONGEST_LIFE_SECONDS = 1.0

Start = Callable[[], "subprocess.Popen[str]"]


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    settings = settings_for_testing(
        database_url, tmp_path, SECRET_KEY=PRODUCTION_SECRETS["SECRET_KEY"]
    )
    with application(settings) as app:
        yield app


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    with mailbox_of(app) as mailbox:
        yield mailbox


@pytest.fixture
def start(database_url: str, tmp_path: Path, mailbox: Mailbox) -> Iterator[Start]:
    """Starts a worker of its own process."""
    port = str(mailbox.server.port)
    command = [sys.executable, mail_worker.__file__, database_url, str(tmp_path), port]
    variables = clean_environment(PYTHONPATH=str(TESTS))
    unmeasured = {k: value for k, value in variables.items() if not k.startswith("COVERAGE_")}
    started: list[subprocess.Popen[str]] = []
    with (tmp_path / "log").open("w") as log, contextlib.ExitStack() as stack:

        def begin() -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    command, env=unmeasured, stdout=subprocess.PIPE, stderr=log, text=True
                )
            )
            started.append(process)
            return process

        yield begin
        for process in started:
            process.kill()


def wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"


def leave_all(app: Flask) -> list[str]:
    """Leave a mail to each of so many people; return their addresses."""
    addresses = [f"person{number:03}@example.com" for number in range(MAILS)]
    with app.app_context(), transaction_on(app.extensions["sqlalchemy"].session) as tx:
        for address in addresses:
            assert provided(Mailer).put(reset_mail(address))
        tx.commit()
    return addresses


def states_in(app: Flask) -> Counter[MailState]:
    with app.app_context():
        return Counter(it.state for it in provided(MailRepository).list(None))


def wait_until_sent(app: Flask, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while states_in(app)[MailState.WAITING] and time.monotonic() < end:
        time.sleep(0.2)
    assert states_in(app) == {MailState.SENT: min(MAILS, LIST_LENGTH)}


def test_no_mail_is_lost_and_few_come_twice(app: Flask, mailbox: Mailbox, start: Start) -> None:
    addresses = leave_all(app)
    moods = itertools.cycle(MOODS)
    working = [start(), start()]
    for _ in range(KILLS):
        victim = working.pop(0)
        wait_until_ready(victim)
        mailbox.server.mood = next(moods)
        time.sleep(random.uniform(0, LONGEST_LIFE_SECONDS))
        victim.kill()
        working.append(start())
    mailbox.server.mood = Mood.UP

    wait_until_sent(app)

    arrived = Counter(mail.recipient for mail in mailbox.all())
    assert sorted(arrived) == addresses
    twice = arrived.total() - MAILS
    logging.getLogger(__name__).info("%d of %d mails came twice", twice, MAILS)
    assert twice <= KILLS
    names = {(it.recipient, it.message["Message-ID"]) for it in mailbox.all()}
    assert len(names) == MAILS
