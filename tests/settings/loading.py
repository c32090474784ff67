"""Settings loaded from variables that a test gives."""

from pathlib import Path

import pytest

from support.processes import PRODUCTION_SECRETS
from userapi.settings import Settings, SettingsError, load_settings

PRODUCTION = {**PRODUCTION_SECRETS, "DATABASE_URL": "postgresql://app:hunter22@db.example/app"}
STRONG = PRODUCTION_SECRETS["SECRET_KEY"]
MAKE_ONE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


class Recorder(dict[str, str]):
    """Variables that remember which of them were asked for."""

    def __init__(self, variables: dict[str, str]) -> None:
        super().__init__(variables)
        self.asked: set[str] = set()

    def get(self, name: str, default: str = "") -> str:  # type: ignore[override] # a str is always asked for
        self.asked.add(name)
        return super().get(name, default)


def variables_read() -> set[str]:
    in_production = Recorder({**PRODUCTION, "FLASK_ENV": "production"})
    in_testing = Recorder({"FLASK_ENV": "testing", "TEST_DATABASE_URL": "postgres://db.example/t"})
    load_settings(variables=in_production)
    load_settings(variables=in_testing)
    return in_production.asked | in_testing.asked


def for_development(instance: Path, **variables: str) -> Settings:
    return load_settings("development", {"INSTANCE_PATH": str(instance), **variables})


def for_testing(instance: Path, **variables: str) -> Settings:
    return load_settings("testing", {"INSTANCE_PATH": str(instance), **variables})


def for_production(**variables: str) -> Settings:
    return load_settings("production", {**PRODUCTION, **variables})


def problems_of(name: str | None, variables: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load_settings(name, variables)
    return caught.value.problems
