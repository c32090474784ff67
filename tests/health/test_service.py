from dataclasses import dataclass

import pytest

from userapi.health.errors import NotReady
from userapi.health.service import HealthService
from userapi.kit.errors import StoreUnavailable


@dataclass(frozen=True)
class Answering:
    """A database that answers."""

    behind: bool

    def is_behind(self) -> bool:
        return self.behind


class Silent:
    """A database that does not answer."""

    def is_behind(self) -> bool:
        raise StoreUnavailable


def test_a_service_whose_schema_is_not_behind_is_ready() -> None:
    HealthService(schema=Answering(behind=False)).ensure_ready()


def test_a_service_whose_schema_is_behind_is_not_ready() -> None:
    with pytest.raises(NotReady):
        HealthService(schema=Answering(behind=True)).ensure_ready()


def test_a_silent_database_is_told_as_such() -> None:
    with pytest.raises(StoreUnavailable):
        HealthService(schema=Silent()).ensure_ready()
