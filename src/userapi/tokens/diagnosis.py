"""The keys that sign tokens, as `userapi doctor` sees them."""

import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from userapi.config.settings import Settings
from userapi.kit.clock import utc_now
from userapi.kit.diagnoses import Diagnosis, Finding, failed, ok, warning
from userapi.tokens.records import KeyRecord, KeyState
from userapi.tokens.service import SigningKeyService
from userapi.tokens.settings import TokenSettings
from userapi.web.services import provided

_OLD = timedelta(days=365)
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def key_findings() -> Iterator[Finding]:
    """Yield whether a key signs, and which keys are refused, old, or for everybody to read."""
    settings = provided(Settings).of(TokenSettings)
    if not settings.algorithm.has_key_ring:
        yield ok("tokens are signed with JWT_SECRET_KEY (HS256)")
        return
    service = provided(SigningKeyService)
    keys = service.list()
    for key in keys:
        if key.state is KeyState.REFUSED:
            told = f"the key {key.key_id.encode('unicode_escape').decode()} is refused"
            yield failed(told, "look at userapi keys list, and be rid of it: userapi keys retire")
    service.ensure_signs()
    yield from _signing_findings([key for key in keys if key.state is KeyState.SIGNING])
    if settings.keys_folder is not None:
        yield from _rights_findings(settings.keys_folder)


def _signing_findings(signing: list[KeyRecord]) -> Iterator[Finding]:
    for key in signing:
        age = utc_now() - key.activates_at if key.activates_at else timedelta()
        told = f"the {key.algorithm} key {key.key_id} signs"
        if age > _OLD:
            yield warning(f"{told} for {age.days} days now", "run: userapi keys rotate")
        else:
            yield ok(told)


def _rights_findings(folder: Path) -> Iterator[Finding]:
    for file in sorted(folder.glob("*.pem")):
        if b"PRIVATE KEY" in file.read_bytes() and file.stat().st_mode & _OTHERS:
            yield warning(f"others may read the private key {file}", f"run: chmod 600 {file}")


DIAGNOSIS = Diagnosis(
    name="keys",
    look=key_findings,
    needs=("DATABASE_", "SECRET_KEY", "JWT_"),
    asks_database=True,
)
