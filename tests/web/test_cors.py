"""Which origins may read the responses."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from support.applications import application
from support.paths import LIVE, ME
from userapi.config.groups import HTTPSettings
from userapi.config.settings import Settings

pytestmark = pytest.mark.any_database

ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module")
def production_with_origins(production_settings: Settings) -> Iterator[FlaskClient]:
    """A client of the production application that two origins may use."""
    origins = (ORIGIN, "https://admin.example.com")
    with application(production_settings.replace(HTTPSettings, cors_origins=origins)) as app:
        yield app.test_client()


def preflight(client: FlaskClient, *, origin: str = ORIGIN, method: str = "PATCH") -> Headers:
    answer = client.options(
        ME,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": (
                "authorization, content-type, idempotency-key, if-match, if-none-match, x-other"
            ),
        },
    )
    return answer.headers


def names_in(header: str) -> set[str]:
    return {name.strip().lower() for name in header.split(",")}


# By default


@pytest.mark.parametrize(("path", "status"), [(LIVE, 200), (ME, 401), ("/nowhere", 404)])
def test_in_development_any_origin_may_read_any_answer(
    development: FlaskClient, path: str, status: int
) -> None:
    answer = development.get(path, headers={"Origin": ORIGIN})

    assert answer.status_code == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_browsers_are_not_asked_for_credentials(development: FlaskClient) -> None:
    answer = development.get(LIVE, headers={"Origin": ORIGIN})

    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_in_production_no_origin_may_read(production: FlaskClient) -> None:
    answer = production.get(LIVE, headers={"Origin": ORIGIN})

    assert answer.status_code == 200
    assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118 - Headers iterates over pairs


def test_in_production_no_preflight_succeeds(production: FlaskClient) -> None:
    headers = preflight(production)

    assert "Access-Control-Allow-Origin" not in headers


# Where origins are named


@pytest.mark.parametrize("path", [LIVE, ME])
def test_a_named_origin_may_read(production_with_origins: FlaskClient, path: str) -> None:
    answer = production_with_origins.get(path, headers={"Origin": ORIGIN})

    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


def test_caches_keep_origins_apart(production_with_origins: FlaskClient) -> None:
    answer = production_with_origins.get(LIVE, headers={"Origin": ORIGIN})

    assert "origin" in names_in(answer.headers["Vary"])


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://app.example.com",
        f"{ORIGIN}.evil.example",
        f"{ORIGIN}:8443",
        "https://appXexample.com",
        "null",
    ],
)
def test_no_other_origin_may_read(production_with_origins: FlaskClient, origin: str) -> None:
    answer = production_with_origins.get(LIVE, headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers


def test_a_named_origin_passes_the_preflight(production_with_origins: FlaskClient) -> None:
    headers = preflight(production_with_origins)

    assert headers["Access-Control-Allow-Origin"] == ORIGIN


def test_no_other_origin_passes_the_preflight(production_with_origins: FlaskClient) -> None:
    headers = preflight(production_with_origins, origin="https://evil.example.com")

    assert "Access-Control-Allow-Origin" not in headers


# Preflights


def test_exactly_the_promised_request_headers_are_allowed(development: FlaskClient) -> None:
    headers = preflight(development)

    assert names_in(headers["Access-Control-Allow-Headers"]) == {
        "authorization",
        "content-type",
        "if-match",
        "if-none-match",
        "idempotency-key",
    }


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_every_method_of_the_api_is_allowed(development: FlaskClient, method: str) -> None:
    headers = preflight(development, method=method)

    assert method.lower() in names_in(headers["Access-Control-Allow-Methods"])


def test_a_preflight_needs_no_token(development: FlaskClient) -> None:
    answer = development.options(
        ME, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("path", [LIVE, ME])
def test_exactly_the_promised_response_headers_are_exposed(
    development: FlaskClient, path: str
) -> None:
    answer = development.get(path, headers={"Origin": ORIGIN})

    assert names_in(answer.headers["Access-Control-Expose-Headers"]) == {
        "etag",
        "idempotency-replayed",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "x-request-id",
    }
