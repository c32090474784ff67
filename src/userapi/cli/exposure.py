"""What is not safe about a service that others can reach and that does not run in production."""

from collections.abc import Iterator

import click

from userapi.cli.seed import KNOWN_ACCOUNTS
from userapi.config.groups import ServerSettings
from userapi.config.http import HTTPSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Settings
from userapi.kit.networks import is_loopback
from userapi.rate_limits.settings import RateLimitSettings
from userapi.registration.services.registration import RegistrationService
from userapi.web.services import provided

_FRAME = "!" * 72


def warn_of_exposure(settings: Settings) -> None:
    """Say loudly what is not safe, where others can reach a service that is not for them."""
    server = settings.of(ServerSettings)
    if not _is_exposed(settings):
        return
    click.echo(_FRAME, err=True)
    click.echo(
        f"WARNING: FLASK_ENV is {settings.environment}, and others can reach {server.host}. "
        "That is not safe:",
        err=True,
    )
    for danger in dangers_of(settings):
        click.echo(f"  - {danger}", err=True)
    click.echo("Set FLASK_ENV=production, or HOST=127.0.0.1; see docs/deployment.md.", err=True)
    click.echo(_FRAME, err=True)


def _is_exposed(settings: Settings) -> bool:
    return not (settings.is_production or is_loopback(settings.of(ServerSettings).host))


def dangers_of(settings: Settings) -> Iterator[str]:
    """Yield what is not safe about it; nothing in production, or where nobody else can reach it."""
    if not _is_exposed(settings):
        return
    if "*" in settings.of(HTTPSettings).cors_origins:
        yield "pages of every web site may call it (CORS_ORIGINS is *)"
    if settings.of(EnvironmentSettings).debug:
        yield "debug mode is on (FLASK_DEBUG)"
    if not settings.of(RateLimitSettings).enabled:
        yield "nothing limits guessing passwords (RATELIMIT_ENABLED is false)"
    known = [
        email
        for email, password in KNOWN_ACCOUNTS
        if provided(RegistrationService).has_password(email, password)
    ]
    if known:
        yield f"everybody knows the passwords of {', '.join(known)} (userapi seed-db made them)"
    yield "secrets that are not given are made up, and weaker checks hold than in production"
    yield "nothing asks for TLS: no answer has Strict-Transport-Security"
