"""Who may register is a setting, and what needs mail says so."""

import pytest

from config.loading import PRODUCTION, for_production, problems_of
from userapi.registration.records import RegistrationMode
from userapi.registration.settings import RegistrationSettings
from userapi.users.settings import AddressSettings

MAIL = {
    "MAIL_SENDER": "smtp",
    "MAIL_FROM": "accounts@example.com",
    "PUBLIC_URL": "https://api.example.com",
    "SMTP_HOST": "smtp.example.com",
}


def test_anybody_may_register_and_log_in_unless_told_otherwise() -> None:
    settings = for_production()

    assert settings.of(RegistrationSettings).mode is RegistrationMode.OPEN
    assert settings.of(AddressSettings).require_verified is False


@pytest.mark.parametrize("mode", [*RegistrationMode])
def test_each_way_is_taken_where_mail_is_sent(mode: RegistrationMode) -> None:
    settings = for_production(**PRODUCTION, **MAIL, REGISTRATION=mode.upper())

    assert settings.of(RegistrationSettings).mode is mode


@pytest.mark.parametrize("mode", ["private", "invite"])
def test_what_needs_mail_tells_what_to_set(mode: str) -> None:
    problems = problems_of("production", {**PRODUCTION, "REGISTRATION": mode})

    (problem,) = problems
    assert problem == (
        f"REGISTRATION: {mode} needs mail: set MAIL_SENDER, or REGISTRATION to open or closed"
    )


def test_proof_is_asked_for_only_where_it_can_be_given() -> None:
    problems = problems_of("production", {**PRODUCTION, "REQUIRE_VERIFIED_EMAIL": "true"})

    (problem,) = problems
    assert problem == (
        "REQUIRE_VERIFIED_EMAIL: needs mail, or nobody who registers could log in: set "
        "MAIL_SENDER, or REGISTRATION to closed"
    )


def test_proof_may_be_asked_for_where_operators_make_all_accounts() -> None:
    settings = for_production(**PRODUCTION, REQUIRE_VERIFIED_EMAIL="true", REGISTRATION="closed")

    assert settings.of(AddressSettings).require_verified is True
