"""Which origins may read the responses."""

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers
from werkzeug.exceptions import TooManyRequests

from support.applications import application
from support.paths import LIVE, LOGIN, ME
from userapi.config.http import HTTPSettings
from userapi.config.settings import Settings
from web.callers import cases
from web.failing import Failing
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database

ORIGIN = "https://app.example.com"


@pytest.fixture(scope="module")
def production_with_origins(production_settings: Settings) -> Iterator[FlaskClient]:
    """A client of the production application that two origins may use."""
    origins = (ORIGIN, "capacitor://localhost", "http://[2001:db8::1]:3000")
    settings = production_settings.replace(
        HTTPSettings, cors_origins=origins, cors_allow_headers=("X-Tenant",)
    )
    with application(settings) as app:
        yield app.test_client()


def preflight(client: FlaskClient, *, origin: str = ORIGIN, method: str = "PATCH") -> Headers:
    answer = client.options(
        ME,
        headers={
            "Origin": origin,
            "Access-Control-Request-Method": method,
            "Access-Control-Request-Headers": (
                "authorization, baggage, content-type, idempotency-key, if-match, if-none-match, "
                "traceparent, tracestate, x-other, x-request-id, x-requested-with, x-tenant"
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


@pytest.mark.parametrize("origin", ["capacitor://localhost", "http://[2001:db8::1]:3000"])
def test_an_origin_of_any_scheme_and_host_may_be_named(
    production_with_origins: FlaskClient, origin: str
) -> None:
    answer = production_with_origins.get(LIVE, headers={"Origin": origin})

    assert answer.headers["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("origins", [(ORIGIN,), (ORIGIN, "https://admin.example.com")])
@pytest.mark.parametrize("origin", [ORIGIN, "https://evil.example.com", None])
def test_caches_keep_origins_apart(
    production_settings: Settings, origins: tuple[str, ...], origin: str | None
) -> None:
    with application(production_settings.replace(HTTPSettings, cors_origins=origins)) as app:
        answer = app.test_client().get(LIVE, headers={"Origin": origin} if origin else {})

    assert "origin" in names_in(answer.headers["Vary"])


def test_without_an_origin_none_is_told(production_with_origins: FlaskClient) -> None:
    assert "Access-Control-Allow-Origin" not in production_with_origins.get(LIVE).headers


def test_where_all_may_read_caches_need_not_know(development: FlaskClient) -> None:
    answer = development.get(LIVE)

    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "Vary" not in answer.headers


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example.com",
        "http://app.example.com",
        f"{ORIGIN}.evil.example",
        f"{ORIGIN}:8443",
        "https://appXexample.com",
        "null",
        "capacitor://localhost2",
        "ionic://localhost",
        "http://2001:db8::1:3000",
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
        "baggage",
        "traceparent",
        "tracestate",
        "x-request-id",
        "x-requested-with",
    }


def test_a_setting_allows_more_request_headers(
    production_with_origins: FlaskClient,
) -> None:
    headers = preflight(production_with_origins)

    allowed = names_in(headers["Access-Control-Allow-Headers"])
    assert {"x-tenant", "if-match", "traceparent"} <= allowed
    assert "x-other" not in allowed


WRONG_PATHS = ["/nowhere", "//api/v1/users", "/api/v1/users/", "/api/v1%2Fusers", LOGIN + "x"]


@pytest.mark.parametrize("path", WRONG_PATHS)
def test_a_preflight_to_an_unknown_path_succeeds(
    production_with_origins: FlaskClient, path: str
) -> None:
    answer = production_with_origins.options(
        "/",
        environ_overrides={"PATH_INFO": path, "RAW_URI": path},
        headers={"Origin": ORIGIN, "Access-Control-Request-Method": "DELETE"},
    )

    assert (answer.status_code, answer.data) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]


def test_without_origins_preflights_are_requests_like_others(production: FlaskClient) -> None:
    headers = {"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}

    assert production.options("/nowhere", headers=headers).status_code == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_every_method_of_the_api_is_allowed(development: FlaskClient, method: str) -> None:
    headers = preflight(development, method=method)

    assert method.lower() in names_in(headers["Access-Control-Allow-Methods"])


def test_a_preflight_needs_no_token(development: FlaskClient) -> None:
    answer = development.options(
        ME, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
    )

    assert answer.status_code == 204


def test_options_without_a_method_to_ask_for_is_no_preflight(development: FlaskClient) -> None:
    answer = development.options(ME, headers={"Origin": ORIGIN})

    assert answer.status_code == 200
    assert "GET" in answer.headers["Allow"]


# Errors


@cases({name: sample for name, sample in SAMPLES.items() if sample.status >= 400})
def test_every_error_may_be_read(production_with_origins: FlaskClient, case: Sample) -> None:
    answer = case.send(production_with_origins, {"Origin": ORIGIN})

    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    assert "x-request-id" in names_in(answer.headers["Access-Control-Expose-Headers"])


@cases({"bug": RuntimeError("bug"), "limit": TooManyRequests(retry_after=3)})
def test_failures_of_the_service_may_be_read(failing: Failing, case: Exception) -> None:
    path = failing.route(case)

    answer = failing.client.get(path, headers={"Origin": ORIGIN})

    assert answer.status_code in (429, 500)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"


def test_what_a_page_may_need_of_any_answer_is_exposed(testing: FlaskClient) -> None:
    sent = {
        name.lower()
        for sample in SAMPLES.values()
        for name in sample.send(testing, {"Origin": ORIGIN}).headers.keys()  # noqa: SIM118 - Headers iterates over pairs
    }
    answer = testing.get(LIVE, headers={"Origin": ORIGIN})

    exposed = names_in(answer.headers["Access-Control-Expose-Headers"])
    unread = {name for name in sent if not name.startswith("access-control-")} - exposed
    assert unread <= READABLE_ANYWAY | FOR_BROWSERS


READABLE_ANYWAY = {"cache-control", "content-length", "content-type", "expires", "last-modified"}
FOR_BROWSERS = {
    "accept-ranges",
    "content-disposition",
    "content-security-policy",
    "referrer-policy",
    "vary",
    "x-content-type-options",
    "x-frame-options",
}


@pytest.mark.parametrize("path", [LIVE, ME])
def test_exactly_the_promised_response_headers_are_exposed(
    development: FlaskClient, path: str
) -> None:
    answer = development.get(path, headers={"Origin": ORIGIN})

    assert names_in(answer.headers["Access-Control-Expose-Headers"]) == {
        "accept",
        "accept-encoding",
        "accept-patch",
        "allow",
        "date",
        "etag",
        "idempotency-replayed",
        "link",
        "location",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "www-authenticate",
        "x-request-id",
    }
