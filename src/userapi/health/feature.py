"""What the health checks bring."""

from collections.abc import Iterator

from userapi.container import Feature, Shared
from userapi.db.migrations import Migrations
from userapi.health.resources import blp
from userapi.health.service import HealthService
from userapi.kit.shared_flag import Stopping
from userapi.tokens.service import SigningKeyService


def build(shared: Shared) -> Iterator[object]:
    """Yield what tells whether requests should be sent here."""
    yield HealthService(
        stopping=shared.get(Stopping),
        schema=shared.get(Migrations),
        keys=shared.get(SigningKeyService),
    )


FEATURE = Feature(name="health", blueprint=blp, build=build)
