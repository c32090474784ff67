"""What production refuses to start with."""

import pytest

from config.loading import MAKE_ONE, PRODUCTION, for_production, problems_of
from userapi.config.http import HTTPSettings
from userapi.tokens.settings import TokenSettings

GUESSABLE = "can be guessed: it must hold 128 bits of chance, not words or a pattern"


def test_production_starts_with_what_it_needs() -> None:
    settings = for_production()

    assert settings.is_production
    assert not settings.is_testing
    assert settings.of(HTTPSettings).cors_origins == ()


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SECRET_KEY"])
@pytest.mark.parametrize(
    ("secret", "weakness"),
    [
        ("", "must be set in production"),
        ("k7Wd-3xKp0_ZmVt9RbLc2NfYhGs8Ju4", "is too short: it must have at least 32 bytes"),
        ("your-256-bit-secret-key-goes-in-here", "looks like a placeholder"),
        ("a" * 64, GUESSABLE),
        ("passwordpasswordpassword1234567890", GUESSABLE),
    ],
)
def test_production_refuses_a_weak_secret(name: str, secret: str, weakness: str) -> None:
    assert problems_of("production", {**PRODUCTION, name: secret}) == (
        f"{name}: {weakness}; {MAKE_ONE}",
    )


def test_production_refuses_equal_secrets() -> None:
    variables = {**PRODUCTION, "JWT_SECRET_KEY": PRODUCTION["SECRET_KEY"]}

    assert problems_of("production", variables) == ("JWT_SECRET_KEY: must differ from SECRET_KEY",)


@pytest.mark.parametrize("name", ["JWT_ISSUER", "JWT_AUDIENCE"])
def test_names_that_make_tokens_too_long_are_refused(name: str) -> None:
    for_production(**{name: "😀" * 200})

    assert problems_of("production", {**PRODUCTION, name: "a" * 201}) == (
        f"{name}: must have at most 200 characters",
    )


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256"])
def test_production_needs_no_token_secret_where_it_has_keys(algorithm: str) -> None:
    settings = for_production(JWT_SECRET_KEY="", JWT_ALGORITHM=algorithm)

    assert settings.of(TokenSettings).algorithm == algorithm


def test_production_needs_its_secret_where_it_has_keys_too() -> None:
    variables = {**PRODUCTION, "SECRET_KEY": "", "JWT_ALGORITHM": "EdDSA"}

    assert problems_of("production", variables) == (
        f"SECRET_KEY: must be set in production; {MAKE_ONE}",
    )


def test_production_refuses_to_go_without_a_database() -> None:
    assert problems_of("production", {**PRODUCTION, "DATABASE_URL": ""}) == (
        "DATABASE_URL: must be set in production, to postgresql://user@host/database",
    )


def test_production_refuses_debug() -> None:
    assert problems_of("production", {**PRODUCTION, "FLASK_DEBUG": "true"}) == (
        "FLASK_DEBUG: must be off in production",
    )


def test_production_refuses_unlimited_logins() -> None:
    assert problems_of("production", {**PRODUCTION, "RATELIMIT_ENABLED": "false"}) == (
        "RATELIMIT_ENABLED: must be on in production",
    )


@pytest.mark.parametrize("origins", ["*", "https://a.example, *"])
def test_production_refuses_all_origins(origins: str) -> None:
    assert problems_of("production", {**PRODUCTION, "CORS_ORIGINS": origins}) == (
        "CORS_ORIGINS: must name each origin in production, not *",
    )
