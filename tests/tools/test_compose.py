"""deploy/compose.yaml: who logs in to PostgreSQL, who reaches whom, and with which rights."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from support.manifests import DEPLOY, documents, known_variables

OURS = {"web-1", "web-2", "worker", "roles", "migrate"}
WEB = ("web-1", "web-2")

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").glob("*.md")])
COMMAND = re.compile(r"docker compose (?:--file \S+ )?(exec|run|up|stop|start|restart) ([^`\n]*)")


@pytest.fixture
def services() -> dict[str, Any]:
    (composed,) = documents(DEPLOY / "compose.yaml")
    services: dict[str, Any] = composed["services"]
    return services


def login(service: dict[str, Any]) -> tuple[str, str]:
    """Return the URL, and the variable that the password comes from."""
    environment = service["environment"]
    return environment["DATABASE_URL"], environment["PGPASSWORD"].split(":")[0]


def test_each_step_logs_in_with_the_role_that_it_needs(services: dict[str, Any]) -> None:
    service = ("postgresql://userapi_service@db/userapi", "${SERVICE_PASSWORD")
    assert {name: login(services[name]) for name in OURS} == {
        "roles": ("postgresql://userapi@db/userapi", "${POSTGRES_PASSWORD"),
        "migrate": ("postgresql://userapi_owner@db/userapi", "${POSTGRES_PASSWORD"),
        "web-1": service,
        "web-2": service,
        "worker": service,
    }


@pytest.mark.parametrize("name", ["proxy", "web-1", "web-2", "worker", "redis"])
def test_the_service_knows_no_other_password(services: dict[str, Any], name: str) -> None:
    assert "POSTGRES_PASSWORD" not in str(services[name])


def test_each_step_waits_for_the_one_before(services: dict[str, Any]) -> None:
    waits = {name: list(it.get("depends_on", {})) for name, it in services.items()}

    after_migrations = ["migrate", "redis"]
    assert waits == {
        "db": [],
        "redis": [],
        "roles": ["db"],
        "migrate": ["roles"],
        "web-1": after_migrations,
        "web-2": after_migrations,
        "worker": after_migrations,
        "proxy": ["web-1", "web-2"],
    }


def test_the_proxy_reaches_no_database_and_that_nothing_outside(services: dict[str, Any]) -> None:
    (composed,) = documents(DEPLOY / "compose.yaml")
    networks = {name: it["networks"] for name, it in services.items()}

    assert networks["proxy"] == ["front"]
    assert {name for name, of in networks.items() if of == ["back"]} == {
        "db", "redis", "roles", "migrate",
    }  # fmt: skip
    assert composed["networks"]["back"] == {"internal": True}


def test_only_the_proxy_has_ports(services: dict[str, Any]) -> None:
    assert [name for name, it in services.items() if "ports" in it] == ["proxy"]


def test_metrics_are_for_this_host_alone_where_they_are_asked_for() -> None:
    (added,) = documents(DEPLOY / "compose.metrics.yaml")
    page = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")

    assert tuple(added["services"]) == WEB
    for it in added["services"].values():
        assert it.keys() == {"environment", "ports"}
        assert it["environment"].keys() == {"METRICS_HOST", "METRICS_PORT"} & known_variables()
        ((address, host_port, port),) = [entry.split(":") for entry in it["ports"]]
        assert (address, int(port)) == ("127.0.0.1", it["environment"]["METRICS_PORT"])
        assert f"127.0.0.1:{host_port}" in page


def test_nothing_has_more_rights_than_it_needs(services: dict[str, Any]) -> None:
    for it in services.values():
        assert it["read_only"] is True
        assert it["cap_drop"] == ["ALL"]
        assert it["security_opt"] == ["no-new-privileges:true"]
        assert {"mem_limit", "pids_limit"} <= it.keys()
    added = {name: it["cap_add"] for name, it in services.items() if "cap_add" in it}
    assert added == {"proxy": ["NET_BIND_SERVICE"]}


def test_what_serves_has_the_time_to_end(services: dict[str, Any]) -> None:
    for name in (*WEB, "worker", "proxy"):
        assert services[name]["stop_grace_period"] == "35s"


def test_every_variable_is_a_setting(services: dict[str, Any]) -> None:
    for name in OURS:
        assert services[name]["environment"].keys() - known_variables() == set()


def test_the_proxy_knows_both_web_processes(services: dict[str, Any]) -> None:
    proxy = (DEPLOY / "proxy" / "Caddyfile").read_text(encoding="utf-8")

    assert "reverse_proxy {$UPSTREAMS:" + " ".join(f"{name}:5000" for name in WEB) + "}" in proxy
    for name in WEB:
        assert services[name]["command"] == ["userapi", "serve", "--supervised", "--without-worker"]
        assert services[name]["environment"]["TRUSTED_PROXIES"] == 1


def named_services(path: Path) -> Iterator[str]:
    """Yield the services that the commands on a page name: one that runs something, else all."""
    for command, rest in COMMAND.findall(path.read_text("utf-8")):
        names = [word for word in rest.split() if not word.startswith("-")]
        yield from names[:1] if command in {"exec", "run"} else names


def test_the_documents_name_services_that_there_are(services: dict[str, Any]) -> None:
    named = {name for page in PAGES for name in named_services(page)}

    assert {"web-1", "worker", "db"} <= named <= services.keys()
