"""The settings of tokens and of the keys that sign them."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from userapi.config.declarations import (
    ONE_DAY,
    choice,
    fixed,
    folder,
    integer,
    settings_group,
    text,
)
from userapi.config.parsing import MAKE_A_SECRET
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Problem, Settings
from userapi.tokens.claims import NAME_LENGTH
from userapi.tokens.keys.ring import DEFAULT_AGES, KeyAges
from userapi.tokens.keys.signing import Algorithm


@settings_group("Tokens")
class TokenSettings:
    """How tokens are signed and read.

    `leeway` is by how much hosts' clocks may differ: from how early on a token is taken.
    `key_ages` is how old the keys may be that a process knows.
    """

    algorithm: Algorithm = choice(
        "JWT_ALGORITHM",
        Algorithm,
        default=Algorithm.HS256,
        help="How tokens are signed: HS256 with `JWT_SECRET_KEY`, the others with keys "
        "(docs/signing-keys.md). A change ends all tokens.",
    )
    keys_folder: Path | None = folder(
        "JWT_KEYS_DIR",
        help="Where the keys are as PEM files; in the database if no folder is named. Not read "
        "for HS256.",
    )
    jwks_max_age: int = integer(
        "JWKS_MAX_AGE",
        default=300,
        minimum=1,
        maximum=ONE_DAY,
        help="For how many seconds others may keep `/.well-known/jwks.json`.",
    )
    issuer: str = text(
        "JWT_ISSUER",
        default="userapi",
        help="The `iss` of every token; one with another is refused. "
        f"At most {NAME_LENGTH} characters.",
    )
    audience: str = text(
        "JWT_AUDIENCE",
        default="userapi",
        help="The `aud` of every token; one with another is refused. "
        f"At most {NAME_LENGTH} characters.",
    )
    leeway: timedelta = fixed(default=timedelta(seconds=10), testing=timedelta(seconds=10))
    # A test that rotates keys waits for this.
    key_ages: KeyAges = fixed(
        default=DEFAULT_AGES,
        testing=KeyAges(renewed=timedelta(milliseconds=500), oldest=timedelta(seconds=1)),
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield names that make tokens too long, and in production a secret that is not given."""
        for variable, name in (("JWT_ISSUER", self.issuer), ("JWT_AUDIENCE", self.audience)):
            if len(name) > NAME_LENGTH:
                yield Problem(variable, f"must have at most {NAME_LENGTH} characters")
        is_given = bool(settings.of(SecretSettings).jwt_secret_key)
        if settings.is_production and not self.algorithm.has_key_ring and not is_given:
            yield Problem("JWT_SECRET_KEY", f"must be set in production; {MAKE_A_SECRET}")
