"""Settings loaded from variables that a test gives."""

from pathlib import Path

import pytest

from support.processes import PRODUCTION_SECRETS
from userapi.config.declarations import declarations_of
from userapi.config.environments import Environment
from userapi.config.settings import Settings, SettingsError
from userapi.features import load_settings, settings_groups

PRODUCTION = {**PRODUCTION_SECRETS, "DATABASE_URL": "postgresql://app:hunter22@db.example/app"}
STRONG = PRODUCTION_SECRETS["SECRET_KEY"]
MAKE_ONE = 'make one with: python3 -c "import secrets; print(secrets.token_urlsafe(48))"'


def variables_read() -> set[str]:
    """Return the name of every variable that some environment reads."""
    return {
        declared.variable_in(environment)
        for group in settings_groups()
        for _, declared in declarations_of(group)
        for environment in Environment
    }


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
