"""Applications whose settings say who may register, and what a login needs."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from support.accounts import REGISTRATION, register, try_login
from support.addresses import resend, verify
from support.answers import verdict
from support.applications import application, empty_tables, settings_for_testing
from support.mailbox import mailbox_of
from userapi.kit.principal import Role
from userapi.registration.records import Registration
from userapi.registration.services.registration import RegistrationService
from userapi.web.services import provided

ALAN = REGISTRATION["email"]
PASSWORD = REGISTRATION["password"]


Run = Callable[..., FlaskClient]


@pytest.fixture
def running(module_database_url: str, tmp_path: Path) -> Iterator[Run]:
    """A function that makes an application with these variables, and returns a client of it."""
    with contextlib.ExitStack() as stack:

        def run(**variables: str) -> FlaskClient:
            settings = settings_for_testing(module_database_url, tmp_path, **variables)
            app = stack.enter_context(application(settings))
            stack.callback(empty_tables, app)
            return app.test_client()

        yield run


def test_where_registration_is_closed_nobody_registers(running: Run) -> None:
    client = running(REGISTRATION="closed")

    assert verdict(register(client)) == (403, "registration-closed")


def test_where_registration_is_closed_operators_make_accounts(running: Run) -> None:
    client = running(REGISTRATION="closed", REQUIRE_VERIFIED_EMAIL="true")
    with client.application.app_context():
        provided(RegistrationService).create(Registration(**REGISTRATION), Role.USER)

    assert try_login(client, ALAN, PASSWORD).status_code == 200


def test_where_registration_is_private_accounts_wait_for_proof(running: Run) -> None:
    client = running(REGISTRATION="private")
    with mailbox_of(client.application) as mailbox:
        answers = [register(client) for _ in range(2)]
        mailbox.deliver()
        verify(client, mailbox.last(to=ALAN).token)

        assert {answer.status_code for answer in answers} == {202}
        assert try_login(client, ALAN, PASSWORD).status_code == 200


def test_where_mail_is_off_an_account_is_open_at_once(running: Run) -> None:
    client = running(MAIL_SENDER="none")

    assert register(client).status_code == 201
    assert resend(client, ALAN).status_code == 202
    assert try_login(client, ALAN, PASSWORD).status_code == 200


def test_where_proof_is_needed_a_login_waits_for_it(running: Run) -> None:
    client = running(REQUIRE_VERIFIED_EMAIL="true")
    with mailbox_of(client.application) as mailbox:
        register(client)
        mailbox.deliver()

        assert verdict(try_login(client, ALAN, PASSWORD)) == (401, "email-unverified")
        verify(client, mailbox.last(to=ALAN).token)
        assert try_login(client, ALAN, PASSWORD).status_code == 200


def test_that_an_address_is_not_proven_is_not_told_after_a_wrong_password(
    running: Run,
) -> None:
    client = running(REQUIRE_VERIFIED_EMAIL="true")
    register(client)

    wrong = try_login(client, ALAN, "a wrong password")
    unknown = try_login(client, "nobody@example.com", "a wrong password")

    assert verdict(wrong) == verdict(unknown) == (401, "invalid-credentials")


@pytest.mark.parametrize("mode", ["closed", "invite"])
def test_what_waits_since_before_waits_in_vain(running: Run, mode: str) -> None:
    before, client = running(REGISTRATION="private"), running(REGISTRATION=mode)
    with mailbox_of(before.application) as mailbox:
        register(before)
        mailbox.deliver()
        token = mailbox.last(to=ALAN).token
    with mailbox_of(client.application) as mailbox:
        resend(client, ALAN)
        mailbox.deliver()

        assert mailbox.all() == []
    assert verdict(verify(client, token)) == (403, "link-invalid")
