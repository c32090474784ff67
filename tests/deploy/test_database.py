"""What `make cluster` does not notice of the configurations that it runs."""

import configparser
from pathlib import Path

import pytest
import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
HANG_SECONDS = 5

pytestmark = pytest.mark.any_database


def test_patroni_keeps_to_its_own_rule_of_times() -> None:
    text = (DEPLOY / "patroni" / "patroni.yml").read_text(encoding="utf-8")

    times = yaml.safe_load(text)["bootstrap"]["dcs"]

    assert times["loop_wait"] + 2 * times["retry_timeout"] <= times["ttl"]


def test_pgbouncer_tells_whoever_waits_before_the_service_gives_up() -> None:
    parser = configparser.ConfigParser()
    parser.read(DEPLOY / "pgbouncer" / "pgbouncer.ini", encoding="utf-8")

    pooling = parser["pgbouncer"]

    assert pooling["pool_mode"] == "transaction"
    assert int(pooling["query_wait_timeout"]) < HANG_SECONDS
    assert int(pooling["server_connect_timeout"]) < HANG_SECONDS
