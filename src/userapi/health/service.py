"""The state of the service itself."""

from typing import Protocol

from userapi.health.errors import NotReady


class SchemaProbe(Protocol):
    """Asks the database about its schema."""

    def is_behind(self) -> bool:
        """Say whether migrations are missing; raise `StoreUnavailable` without a database."""
        ...


class HealthService:
    """Liveness and readiness."""

    def __init__(self, *, schema: SchemaProbe) -> None:
        self._schema = schema

    def ensure_ready(self) -> None:
        """Ask the database; raise `NotReady` or `StoreUnavailable`."""
        if self._schema.is_behind():
            raise NotReady
