"""How often a client address may ask, what it is told, and what is not limited."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from posts.samples import POSTS
from support.accounts import REGISTRATION
from support.answers import assert_problem
from support.applications import application, empty_tables, settings_for_testing
from support.paths import LIVE, LOGIN, READY, REFRESH, USERS
from support.processes import free_port
from support.redis import redis_server
from userapi.config.settings import Settings
from userapi.rate_limits.settings import RateLimitSettings
from web.limited import LIMIT, LIMITS, NAMES, Limited

pytestmark = pytest.mark.any_database

every_limited_path = pytest.mark.parametrize("path", list(NAMES))


@pytest.fixture(scope="module")
def limiting_settings(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    return settings_for_testing(module_database_url, tmp_path_factory.mktemp("limits"), **LIMITS)


@pytest.fixture(scope="module")
def limiting_app(limiting_settings: Settings) -> Iterator[Flask]:
    with application(limiting_settings) as app:
        yield app


@pytest.fixture
def limited(limiting_app: Flask) -> Iterator[Limited]:
    yield Limited(limiting_app)
    empty_tables(limiting_app)


@pytest.fixture
def limited_by_redis(limiting_settings: Settings) -> Iterator[Limited]:
    with (
        redis_server() as url,
        application(limiting_settings.replace(RateLimitSettings, storage_uri=url)) as app,
    ):
        yield Limited(app)


class TestCounting:
    @every_limited_path
    def test_as_many_as_allowed_are_let_in(self, limited: Limited, path: str) -> None:
        limited.exhaust(path)

        assert_problem(limited.ask(path), 429, "too-many-requests")

    @every_limited_path
    def test_redis_counts_alike(self, limited_by_redis: Limited, path: str) -> None:
        limited_by_redis.exhaust(path)

        assert_problem(limited_by_redis.ask(path), 429, "too-many-requests")

    def test_operations_are_counted_apart(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)

        limited.exhaust(REFRESH)

    def test_addresses_are_counted_apart(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)

        limited.exhaust(LOGIN, "203.0.113.8")

    def test_a_network_of_ipv6_is_one_client(self, limited: Limited) -> None:
        for number in range(LIMIT):
            limited.ask(LOGIN, f"2001:db8:1:2::{number}")

        assert limited.ask(LOGIN, "2001:db8:1:2:ffff::9").status_code == 429
        assert limited.ask(LOGIN, "2001:db8:1:3::1").status_code != 429

    def test_a_mapped_address_is_the_ipv4_address(self, limited: Limited) -> None:
        limited.exhaust(LOGIN, "::ffff:203.0.113.7")

        assert limited.ask(LOGIN, "203.0.113.7").status_code == 429

    def test_requests_without_an_address_are_one_client(self, limited: Limited) -> None:
        limited.exhaust(LOGIN, None)

        assert limited.ask(LOGIN, None).status_code == 429
        assert limited.windows() == 1

    def test_refused_requests_do_not_make_the_wait_longer(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)
        waits = [int(limited.ask(LOGIN).headers["Retry-After"]) for _ in range(3)]

        assert waits == sorted(waits, reverse=True)

    def test_after_the_told_time_requests_are_let_in(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)
        limited.age(int(limited.ask(LOGIN).headers["Retry-After"]))

        limited.exhaust(LOGIN)

    def test_a_moment_before_they_are_not(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)
        limited.age(int(limited.ask(LOGIN).headers["Retry-After"]) - 30)

        assert limited.ask(LOGIN).status_code == 429

    def test_the_limit_comes_before_the_body_and_the_token(self, limited: Limited) -> None:
        client = limited.app.test_client()
        for _ in range(LIMIT):
            limited.ask(LOGIN)
            limited.ask(REFRESH)

        places = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.7"}}
        assert client.post(LOGIN, data=b"no JSON", **places).status_code == 429
        assert client.post(REFRESH, **places).status_code == 429


class TestHeaders:
    @every_limited_path
    def test_every_answer_tells_the_policy(self, limited: Limited, path: str) -> None:
        policies = {limited.ask(path).headers["RateLimit-Policy"] for _ in range(LIMIT + 1)}

        assert policies == {f'"{NAMES[path]}";q={LIMIT};w=300, "client";q=6000;w=300'}

    def test_every_answer_tells_what_is_left(self, limited: Limited) -> None:
        told = [limited.ask(LOGIN).headers["RateLimit"] for _ in range(LIMIT + 1)]

        assert [it.partition(";t=")[0] for it in told] == [
            '"login";r=2',
            '"login";r=1',
            '"login";r=0',
            '"login";r=0',
        ]

    def test_the_time_is_what_is_left_of_the_window(self, limited: Limited) -> None:
        limited.ask(LOGIN)
        limited.age(100)
        told, _, _ = limited.ask(LOGIN).headers["RateLimit"].partition(", ")
        seconds = int(told.partition(";t=")[2])

        assert 190 <= seconds <= 200

    def test_a_refusal_tells_when_to_try_again(self, limited: Limited) -> None:
        limited.exhaust(LOGIN)
        answer = limited.ask(LOGIN)

        told = f'"login";r=0;t={answer.headers["Retry-After"]}, '
        assert answer.headers["RateLimit"].startswith(told)
        assert 1 <= int(answer.headers["Retry-After"]) <= 300

    def test_only_a_refusal_tells_when_to_try_again(self, limited: Limited) -> None:
        assert "Retry-After" not in limited.ask(LOGIN).headers

    def test_there_are_no_other_headers_of_limits(self, limited: Limited) -> None:
        names = {name.lower() for name, _ in limited.ask(LOGIN).headers}

        assert {name for name in names if "limit" in name} == {"ratelimit", "ratelimit-policy"}

    def test_redis_tells_the_same(self, limited_by_redis: Limited) -> None:
        answer = limited_by_redis.ask(LOGIN)

        assert answer.headers["RateLimit"].startswith('"login";r=2;t=300, ')
        assert answer.headers["RateLimit-Policy"].startswith('"login";q=3;w=300, ')


class TestWhatTheStoreDoesNotCount:
    @pytest.mark.parametrize("path", [LIVE, READY, POSTS, USERS, "/docs", "/nowhere"])
    def test_other_operations_have_no_limit_of_their_own(self, limited: Limited, path: str) -> None:
        limited.app.test_client().get(path)

        assert limited.windows() == 0

    def test_a_preflight_is_not_counted(self, limited: Limited) -> None:
        limited.app.test_client().options(LOGIN)

        assert limited.windows() == 0

    def test_without_limits_nothing_is_counted_or_told(self, own_app: Flask) -> None:
        unlimited = Limited(own_app)
        answers = [unlimited.ask(LOGIN) for _ in range(40)]

        assert {it.status_code for it in answers} == {400}
        assert "RateLimit" not in answers[0].headers
        assert unlimited.windows() == 0


class TestIdempotencyKeys:
    def test_a_refusal_is_not_kept(self, limited: Limited) -> None:
        limited.exhaust(USERS)
        refused = limited.register("one-key")
        limited.age(300)
        created = limited.register("one-key")

        assert (refused.status_code, created.status_code) == (429, 201)
        assert created.get_json()["email"] == REGISTRATION["email"]

    def test_a_repeated_request_counts(self, limited: Limited) -> None:
        statuses = [limited.register("one-key").status_code for _ in range(LIMIT + 1)]

        assert statuses == [201] * LIMIT + [429]


class TestStoreFailures:
    @pytest.mark.parametrize("path", list(NAMES))
    def test_without_redis_nobody_is_let_in(self, limiting_settings: Settings, path: str) -> None:
        gone = f"redis://:hunter22@127.0.0.1:{free_port()}/0"
        with application(limiting_settings.replace(RateLimitSettings, storage_uri=gone)) as app:
            answer = Limited(app).ask(path)

        assert_problem(answer, 503, "store-unavailable")
        assert answer.headers["Retry-After"] == "5"

    def test_without_a_database_nobody_is_let_in(self, tmp_path: Path) -> None:
        url = f"sqlite:///{tmp_path}/none/app.sqlite3"
        with application(settings_for_testing(url, tmp_path, **LIMITS)) as app:
            answer = Limited(app).ask(LOGIN)

        assert_problem(answer, 503, "store-unavailable")

    def test_the_log_has_the_reason_but_no_secret(
        self, limiting_settings: Settings, caplog: pytest.LogCaptureFixture
    ) -> None:
        gone = f"redis://:hunter22@127.0.0.1:{free_port()}/0"
        with application(limiting_settings.replace(RateLimitSettings, storage_uri=gone)) as app:
            Limited(app).ask(LOGIN)

        assert "the data store failed" in caplog.text
        assert "hunter22" not in caplog.text

    def test_other_operations_go_on(self, limiting_settings: Settings) -> None:
        gone = f"redis://127.0.0.1:{free_port()}/0"
        with application(limiting_settings.replace(RateLimitSettings, storage_uri=gone)) as app:
            assert app.test_client().get(READY).status_code == 200
