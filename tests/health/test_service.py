from dataclasses import dataclass

import pytest

from userapi.health.errors import NotReady, ServiceStopping
from userapi.health.service import HealthService
from userapi.kit.errors import StoreUnavailable
from userapi.kit.shared_flag import Stopping
from userapi.tokens.errors import SigningKeysRefused


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


@dataclass(frozen=True)
class Keys:
    """Signing keys, of which one is refused or none."""

    refused: bool = False

    def ensure_none_refused(self) -> None:
        if self.refused:
            raise SigningKeysRefused


def test_a_service_whose_schema_is_not_behind_is_ready() -> None:
    HealthService(stopping=Stopping(), schema=Answering(behind=False), keys=Keys()).ensure_ready()


def test_a_service_with_a_refused_key_is_not_ready() -> None:
    with pytest.raises(SigningKeysRefused):
        HealthService(
            stopping=Stopping(), schema=Answering(behind=False), keys=Keys(refused=True)
        ).ensure_ready()


def test_a_service_whose_schema_is_behind_is_not_ready() -> None:
    with pytest.raises(NotReady):
        HealthService(
            stopping=Stopping(), schema=Answering(behind=True), keys=Keys()
        ).ensure_ready()


def test_a_silent_database_is_told_as_such() -> None:
    with pytest.raises(StoreUnavailable):
        HealthService(stopping=Stopping(), schema=Silent(), keys=Keys()).ensure_ready()


def test_a_service_that_is_about_to_stop_is_not_ready_and_asks_nobody() -> None:
    stopping = Stopping()
    stopping.set()

    with pytest.raises(ServiceStopping):
        HealthService(stopping=stopping, schema=Silent(), keys=Keys()).ensure_ready()
