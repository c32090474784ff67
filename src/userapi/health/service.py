"""The state of the service itself."""

from typing import Protocol

from userapi.health.errors import NotReady, ServiceStopping
from userapi.kit.shared_flag import Stopping


class SchemaProbe(Protocol):
    """Asks the database about its schema."""

    def is_behind(self) -> bool:
        """Say whether migrations are missing; raise `StoreUnavailable` without a database."""
        ...


class KeyProbe(Protocol):
    """Looks at the keys that sign tokens."""

    def ensure_none_refused(self) -> None:
        """Raise `SigningKeysRefused` where a stored key is not one of ours."""
        ...


class HealthService:
    """Liveness and readiness."""

    def __init__(self, *, stopping: Stopping, schema: SchemaProbe, keys: KeyProbe) -> None:
        self._stopping = stopping
        self._schema = schema
        self._keys = keys

    def ensure_ready(self) -> None:
        """Ask the database.

        Raises `ServiceStopping`, `NotReady`, `SigningKeysRefused` or `StoreUnavailable`.
        """
        if self._stopping.is_set:
            raise ServiceStopping
        if self._schema.is_behind():
            raise NotReady
        self._keys.ensure_none_refused()
