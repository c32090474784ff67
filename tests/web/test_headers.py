"""What every response carries. Most of it needs no database: no request here reaches one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import Headers

from support.accounts import Account
from support.applications import application, settings_for_production, settings_for_testing
from userapi.settings import Settings, load_settings

LIVE = "/health/live"
ME = "/api/v1/users/me"
LOGIN = "/api/v1/auth/login"
ORIGIN = "https://app.example.com"
JSON = {"content_type": "application/json"}
ANSWERS = [
    ("GET", LIVE, {}, 200),
    ("GET", "/openapi.json", {}, 200),
    ("GET", "/openapi.yaml", {}, 200),
    ("GET", "/docs", {}, 200),
    ("GET", "/docs/errors", {}, 200),
    ("GET", "/docs/assets/docs.js", {}, 200),
    ("OPTIONS", ME, {}, 200),
    ("POST", LOGIN, JSON, 400),
    ("GET", ME, {}, 401),
    ("GET", "/nowhere", {}, 404),
    ("PUT", ME, {}, 405),
    ("POST", LOGIN, {"data": b" " * 2**21, **JSON}, 413),
    ("POST", LOGIN, {"content_type": "text/plain"}, 415),
]


def client_of(settings: Settings) -> Iterator[FlaskClient]:
    with application(settings) as app:
        yield app.test_client()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the applications keep their files."""
    return tmp_path_factory.mktemp("headers")


@pytest.fixture(scope="module")
def testing(folder: Path) -> Iterator[FlaskClient]:
    """A client of the testing application."""
    yield from client_of(settings_for_testing(f"sqlite:///{folder}/testing.sqlite3", folder))


@pytest.fixture(scope="module")
def development(folder: Path) -> Iterator[FlaskClient]:
    """A client of the development application."""
    yield from client_of(load_settings("development", {"INSTANCE_PATH": str(folder)}))


@pytest.fixture(scope="module")
def production(folder: Path) -> Iterator[FlaskClient]:
    """A client of the production application, with nothing set that need not be."""
    yield from client_of(settings_for_production(f"sqlite:///{folder}/production.sqlite3", folder))


@pytest.fixture(scope="module")
def production_with_origins(folder: Path) -> Iterator[FlaskClient]:
    """A client of the production application that two origins may use."""
    settings = settings_for_production(f"sqlite:///{folder}/production.sqlite3", folder)
    origins = (ORIGIN, "https://admin.example.com")
    yield from client_of(replace(settings, cors_origins=origins))


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


class TestSecurity:
    @pytest.mark.parametrize(("method", "path", "request_parts", "status"), ANSWERS)
    def test_every_answer_forbids_sniffing_referrers_and_frames(
        self,
        testing: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = testing.open(path, method=method, buffered=True, **request_parts)

        assert answer.status_code == status
        assert answer.headers.getlist("X-Content-Type-Options") == ["nosniff"]
        assert answer.headers.getlist("Referrer-Policy") == ["no-referrer"]
        (policy,) = answer.headers.getlist("Content-Security-Policy")
        assert "frame-ancestors 'none'" in policy.split("; ")

    @pytest.mark.parametrize(("method", "path", "request_parts", "status"), ANSWERS)
    def test_no_answer_allows_inline_scripts_or_styles(
        self,
        testing: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = testing.open(path, method=method, buffered=True, **request_parts)

        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy

    @pytest.mark.parametrize(("method", "path", "request_parts", "status"), ANSWERS)
    def test_no_answer_sets_a_cookie(
        self,
        testing: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = testing.open(path, method=method, buffered=True, **request_parts)

        assert "Set-Cookie" not in answer.headers

    @pytest.mark.parametrize(("method", "path", "request_parts", "status"), ANSWERS)
    def test_in_production_every_answer_asks_for_https(
        self,
        production: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = production.open(path, method=method, buffered=True, **request_parts)

        (policy,) = answer.headers.getlist("Strict-Transport-Security")
        match = re.match(r"max-age=([0-9]+)", policy)
        assert match is not None
        assert int(match[1]) >= 31_536_000

    @pytest.mark.parametrize("environment", ["development", "testing"])
    def test_elsewhere_no_answer_asks_for_https(
        self, request: pytest.FixtureRequest, environment: str
    ) -> None:
        client: FlaskClient = request.getfixturevalue(environment)

        answer = client.get(LIVE)

        assert "Strict-Transport-Security" not in answer.headers


class TestCaching:
    def test_an_authenticated_answer_is_not_stored(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get(ME, headers=auth_headers)

        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")

    def test_an_authenticated_answer_without_a_body_is_not_stored(
        self, client: FlaskClient, user: Account, admin_headers: dict[str, str]
    ) -> None:
        answer = client.delete(f"/api/v1/users/{user.id}", headers=admin_headers)

        assert (answer.status_code, answer.headers["Cache-Control"]) == (204, "no-store")

    def test_an_authenticated_error_is_not_stored(
        self, client: FlaskClient, auth_headers: dict[str, str]
    ) -> None:
        answer = client.get("/api/v1/users/999999", headers=auth_headers)

        assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")

    def test_tokens_are_not_stored(self, client: FlaskClient, user: Account) -> None:
        answer = client.post(LOGIN, json={"email": user.email, "password": user.password})

        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")

    def test_a_refused_token_is_not_stored(self, testing: FlaskClient) -> None:
        answer = testing.get(ME, headers={"Authorization": "Bearer forged"})

        assert (answer.status_code, answer.headers["Cache-Control"]) == (401, "no-store")


class TestCORSByDefault:
    @pytest.mark.parametrize(("path", "status"), [(LIVE, 200), (ME, 401), ("/nowhere", 404)])
    def test_in_development_any_origin_may_read_any_answer(
        self, development: FlaskClient, path: str, status: int
    ) -> None:
        answer = development.get(path, headers={"Origin": ORIGIN})

        assert answer.status_code == status
        assert answer.headers["Access-Control-Allow-Origin"] == "*"

    def test_browsers_are_not_asked_for_credentials(self, development: FlaskClient) -> None:
        answer = development.get(LIVE, headers={"Origin": ORIGIN})

        assert "Access-Control-Allow-Credentials" not in answer.headers

    def test_in_production_no_origin_may_read(self, production: FlaskClient) -> None:
        answer = production.get(LIVE, headers={"Origin": ORIGIN})

        assert answer.status_code == 200
        assert not [name for name in answer.headers.keys() if name.startswith("Access-Control")]  # noqa: SIM118 - Headers iterates over pairs

    def test_in_production_no_preflight_succeeds(self, production: FlaskClient) -> None:
        headers = preflight(production)

        assert "Access-Control-Allow-Origin" not in headers


class TestCORSForNamedOrigins:
    @pytest.mark.parametrize("path", [LIVE, ME])
    def test_a_named_origin_may_read(self, production_with_origins: FlaskClient, path: str) -> None:
        answer = production_with_origins.get(path, headers={"Origin": ORIGIN})

        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN

    def test_caches_keep_origins_apart(self, production_with_origins: FlaskClient) -> None:
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
    def test_no_other_origin_may_read(
        self, production_with_origins: FlaskClient, origin: str
    ) -> None:
        answer = production_with_origins.get(LIVE, headers={"Origin": origin})

        assert "Access-Control-Allow-Origin" not in answer.headers

    def test_a_named_origin_passes_the_preflight(
        self, production_with_origins: FlaskClient
    ) -> None:
        headers = preflight(production_with_origins)

        assert headers["Access-Control-Allow-Origin"] == ORIGIN

    def test_no_other_origin_passes_the_preflight(
        self, production_with_origins: FlaskClient
    ) -> None:
        headers = preflight(production_with_origins, origin="https://evil.example.com")

        assert "Access-Control-Allow-Origin" not in headers


class TestPreflight:
    def test_exactly_the_promised_request_headers_are_allowed(
        self, development: FlaskClient
    ) -> None:
        headers = preflight(development)

        assert names_in(headers["Access-Control-Allow-Headers"]) == {
            "authorization",
            "content-type",
            "if-match",
            "if-none-match",
            "idempotency-key",
        }

    @pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
    def test_every_method_of_the_api_is_allowed(
        self, development: FlaskClient, method: str
    ) -> None:
        headers = preflight(development, method=method)

        assert method.lower() in names_in(headers["Access-Control-Allow-Methods"])

    def test_a_preflight_needs_no_token(self, development: FlaskClient) -> None:
        answer = development.options(
            ME, headers={"Origin": ORIGIN, "Access-Control-Request-Method": "GET"}
        )

        assert answer.status_code == 200

    @pytest.mark.parametrize("path", [LIVE, ME])
    def test_exactly_the_promised_response_headers_are_exposed(
        self, development: FlaskClient, path: str
    ) -> None:
        answer = development.get(path, headers={"Origin": ORIGIN})

        assert names_in(answer.headers["Access-Control-Expose-Headers"]) == {
            "etag",
            "link",
            "location",
            "retry-after",
            "x-request-id",
        }


class TestRequestId:
    @pytest.mark.parametrize("name", ["a", "order-66_retry.2", "A" * 64])
    def test_a_callers_own_is_taken_over(self, testing: FlaskClient, name: str) -> None:
        answer = testing.get(LIVE, headers={"X-Request-Id": name})

        assert answer.headers.getlist("X-Request-Id") == [name]

    def test_one_is_made_for_each_request(self, testing: FlaskClient) -> None:
        first = testing.get(LIVE).headers["X-Request-Id"]
        second = testing.get(LIVE).headers["X-Request-Id"]

        assert re.fullmatch(r"[0-9a-f]{32}", first)
        assert first != second

    @pytest.mark.parametrize(
        "name", ["", "A" * 65, "two words", "path/like", "tab\there", "<b>", "ÿ", "a,b", '"a"']
    )
    def test_a_bad_one_is_replaced(self, testing: FlaskClient, name: str) -> None:
        answer = testing.get(LIVE, headers={"X-Request-Id": name})

        assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])

    @pytest.mark.parametrize(("method", "path", "request_parts", "status"), ANSWERS)
    def test_every_answer_has_it(
        self,
        testing: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = testing.open(
            path,
            method=method,
            headers={"X-Request-Id": "mine"},
            buffered=True,
            **request_parts,
        )

        assert answer.headers["X-Request-Id"] == "mine"

    @pytest.mark.parametrize(
        ("method", "path", "request_parts", "status"),
        [answer for answer in ANSWERS if answer[3] >= 400],
    )
    def test_every_problem_document_has_it(
        self,
        testing: FlaskClient,
        method: str,
        path: str,
        request_parts: dict[str, Any],
        status: int,
    ) -> None:
        answer = testing.open(path, method=method, buffered=True, **request_parts)

        assert answer.get_json()["request_id"] == answer.headers["X-Request-Id"]
