"""Who logs in to PostgreSQL in compose.yaml."""

from pathlib import Path
from typing import Any

import pytest
import yaml

COMPOSE = Path(__file__).parents[2] / "compose.yaml"


@pytest.fixture
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return services


def login(service: dict[str, Any]) -> tuple[str, str]:
    """Return the URL, and the variable that the password comes from."""
    environment = service["environment"]
    return environment["DATABASE_URL"], environment["PGPASSWORD"].split(":")[0]


def test_each_step_logs_in_with_the_role_that_it_needs(services: dict[str, Any]) -> None:
    assert {name: login(it) for name, it in services.items() if name != "db"} == {
        "roles": ("postgresql://userapi@db/userapi", "${POSTGRES_PASSWORD"),
        "migrate": ("postgresql://userapi_owner@db/userapi", "${POSTGRES_PASSWORD"),
        "api": ("postgresql://userapi_service@db/userapi", "${SERVICE_PASSWORD"),
    }


def test_the_service_knows_no_other_password(services: dict[str, Any]) -> None:
    assert "POSTGRES_PASSWORD" not in str(services["api"])


def test_each_step_waits_for_the_one_before(services: dict[str, Any]) -> None:
    waits = {name: list(it.get("depends_on", {})) for name, it in services.items()}

    assert waits == {"db": [], "roles": ["db"], "migrate": ["roles"], "api": ["migrate"]}
