"""The limits of every operation: one for each client address, one for each user's changes."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, ClassVar
from uuid import uuid4

import pytest
from flask import Flask
from flask.views import MethodView
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from posts.samples import POSTS
from support.accounts import Headers, add_user
from support.answers import assert_problem
from support.applications import application, engine_of, settings_for_testing, settings_of
from support.paths import LIVE, LOGIN, LOGOUT, ME, READY, SESSIONS, USERS
from support.signing_in import sign_in
from support.statements import statements_on
from userapi.container import Feature
from userapi.kit.principal import Principal
from userapi.rate_limits.http import cost_of_change
from userapi.rate_limits.models import RateLimitCount
from userapi.rate_limits.settings import RateLimitSettings
from userapi.web.blueprint import Blueprint

pytestmark = pytest.mark.any_database

OF_A_CLIENT = 12
OF_A_USER = 3
NOTES = "/api/v1/notes"
LIMITS = {
    "RATELIMIT_ENABLED": "true",
    "RATELIMIT_CLIENT": f"{OF_A_CLIENT} per 5 minutes",
    "RATELIMIT_WRITES": f"{OF_A_USER} per 5 minutes; 100 per day",
}

notes = Blueprint("notes", description="Notes.")


@notes.route("/notes")
class NoteCollection(MethodView):
    """A feature of somebody's own, whose operations do nothing about limits."""

    written: ClassVar[list[int]] = []

    @notes.auth()
    @notes.response(204)
    def post(self, principal: Principal) -> None:
        """Write."""
        self.written.append(principal.user_id)


@dataclass(frozen=True)
class Member:
    """A user that has logged in: where it is found, and the headers of its requests."""

    path: str
    headers: Headers


@dataclass
class Callers:
    """Clients of an application with limits; each one has an address of its own."""

    app: Flask
    password_hash: str
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def address(self) -> str:
        """Return an address that nobody has used."""
        number = next(self.numbers)
        return f"198.18.{number // 250}.{number % 250}"

    def ask(self, path: str, address: str, method: str = "GET", **options: Any) -> TestResponse:
        """Send a request from that address."""
        places = {"REMOTE_ADDR": address}
        return self.app.test_client().open(path, method=method, environ_overrides=places, **options)

    def exhaust(self, address: str) -> None:
        """Use up what a client may do."""
        for _ in range(OF_A_CLIENT):
            assert self.ask("/nowhere", address).status_code == 404

    def member(self) -> Member:
        """Return a user that has logged in."""
        with Session(engine_of(self.app), expire_on_commit=False) as session:
            number = next(self.numbers)
            account = add_user(session, self.password_hash, email=f"m{number}@example.com")
            session.commit()
        client = self.app.test_client()
        client.environ_base["REMOTE_ADDR"] = self.address()
        return Member(account.path, sign_in(client, account))

    def change(self, member: Member, path: str | None = None, **options: Any) -> TestResponse:
        """Change something as that user, its own name if nothing else, from another address."""
        change = {"method": "PATCH", "json": {"first_name": "Ada"}, "headers": member.headers}
        return self.ask(path or member.path, self.address(), **{**change, **options})


@pytest.fixture(scope="module")
def limiting_app(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    settings = settings_for_testing(
        module_database_url, tmp_path_factory.mktemp("general"), **LIMITS
    )
    with application(settings, Feature(name="notes", blueprint=notes)) as app:
        yield app


@pytest.fixture(scope="module")
def callers(limiting_app: Flask, password_hash: str) -> Callers:
    return Callers(limiting_app, password_hash)


class TestClients:
    @pytest.mark.parametrize(
        ("path", "method", "status"),
        [
            (ME, "GET", 401),
            (POSTS, "POST", 401),
            ("/nowhere", "GET", 404),
            (ME, "TRACE", 405),
            ("/docs", "GET", 200),
            ("/.well-known/jwks.json", "HEAD", 200),
            ("/docs/", "GET", 308),
        ],
    )
    def test_whatever_a_client_asks_for_is_counted(
        self, callers: Callers, path: str, method: str, status: int
    ) -> None:
        address = callers.address()
        answers = [callers.ask(path, address, method) for _ in range(OF_A_CLIENT + 1)]

        assert [it.status_code for it in answers] == [status] * OF_A_CLIENT + [429]
        assert answers[0].headers["RateLimit"] == f'"client";r={OF_A_CLIENT - 1};t=300'

    def test_a_body_that_is_refused_is_counted(self, callers: Callers) -> None:
        address = callers.address()
        answer = callers.ask(LOGIN, address, "POST", data=b"x" * (2**20 + 1))

        assert answer.status_code == 413
        assert answer.headers["RateLimit"] == f'"client";r={OF_A_CLIENT - 1};t=300'

    def test_a_refusal_is_a_problem_with_headers(self, callers: Callers) -> None:
        address = callers.address()
        callers.exhaust(address)
        answer = callers.ask(ME, address)

        assert_problem(answer, 429, "too-many-requests")
        assert answer.headers["RateLimit"] == f'"client";r=0;t={answer.headers["Retry-After"]}'
        assert answer.headers["RateLimit-Policy"] == f'"client";q={OF_A_CLIENT};w=300'

    def test_the_limit_comes_before_the_token_and_every_other_count(self, callers: Callers) -> None:
        address, member = callers.address(), callers.member()
        callers.exhaust(address)
        with statements_on(engine_of(callers.app)) as statements:
            answers = [
                callers.ask(ME, address, headers=member.headers),
                callers.ask(LOGIN, address, "POST", json={}),
            ]

        assert [it.status_code for it in answers] == [429, 429]
        assert statements == []

    def test_addresses_and_networks_are_told_apart(self, callers: Callers) -> None:
        callers.exhaust("2001:db8:77:1::1")

        assert callers.ask(ME, "2001:db8:77:1:ffff::2").status_code == 429
        assert callers.ask(ME, "2001:db8:77:2::1").status_code == 401

    @pytest.mark.parametrize("path", [LIVE, READY])
    def test_health_checks_are_not_limited(self, callers: Callers, path: str) -> None:
        address = callers.address()
        callers.exhaust(address)
        answer = callers.ask(path, address)

        assert answer.status_code == 200
        assert "RateLimit" not in answer.headers

    def test_preflights_are_not_limited(self, callers: Callers) -> None:
        address = callers.address()
        callers.exhaust(address)

        assert callers.ask(ME, address, "OPTIONS").status_code == 200

    @pytest.mark.parametrize(
        ("query", "cost"),
        [
            ("", 3),
            ("?per_page=1", 2),
            ("?per_page=10", 2),
            ("?per_page=11", 3),
            ("?per_page=100", 11),
            ("?per_page=1000000", 11),
            ("?per_page=many", 3),
            ("?per_page=1&per_page=100", 2),
        ],
    )
    def test_a_list_costs_by_what_it_asks_for(
        self, callers: Callers, query: str, cost: int
    ) -> None:
        answer = callers.ask(f"{POSTS}{query}", callers.address())

        assert answer.headers["RateLimit"] == f'"client";r={OF_A_CLIENT - cost};t=300'

    def test_a_list_by_rows_costs_by_its_limit(self, callers: Callers) -> None:
        answer = callers.ask(f"{ME}/events?limit=50", callers.address())

        assert answer.headers["RateLimit"] == f'"client";r={OF_A_CLIENT - 6};t=300'

    def test_a_list_that_costs_more_than_is_left_is_refused(self, callers: Callers) -> None:
        address = callers.address()
        statuses = [
            callers.ask(path, address).status_code
            for path in (f"{POSTS}?per_page=100", f"{POSTS}?per_page=10", ME)
        ]

        assert statuses == [401, 429, 401]


class TestUsers:
    def test_changes_are_limited_for_each_user_wherever_they_come_from(
        self, callers: Callers
    ) -> None:
        member, other = callers.member(), callers.member()
        answers = [callers.change(member) for _ in range(OF_A_USER + 1)]

        assert [it.status_code for it in answers] == [200] * OF_A_USER + [429]
        assert callers.change(other).status_code == 200

    def test_all_kinds_of_changes_share_the_count(self, callers: Callers) -> None:
        member = callers.member()
        draft = {"title": "On Engines", "content": "Steam."}
        answers = [
            callers.change(member),
            callers.change(member, POSTS, method="POST", json=draft),
            callers.change(member, f"{POSTS}/999999", method="DELETE"),
            callers.change(member),
        ]

        assert [it.status_code for it in answers] == [200, 201, 404, 429]

    def test_a_refusal_tells_every_limit_the_most_pressing_first(self, callers: Callers) -> None:
        member = callers.member()
        for _ in range(OF_A_USER):
            callers.change(member)
        answer = callers.change(member)

        assert_problem(answer, 429, "too-many-requests")
        names = [it.partition(";")[0] for it in answer.headers["RateLimit"].split(", ")]
        assert names == ['"writes"', '"client"', '"writes-86400"']
        assert answer.headers["RateLimit-Policy"] == (
            f'"writes";q={OF_A_USER};w=300, "client";q={OF_A_CLIENT};w=300, '
            '"writes-86400";q=100;w=86400'
        )

    @pytest.mark.parametrize(
        ("length", "cost"), [(100, 1), (9_000, 1), (10_000, 2), (25_000, 3), (50_000, 6)]
    )
    def test_a_change_costs_by_what_it_sends(
        self, callers: Callers, length: int, cost: int
    ) -> None:
        member = callers.member()
        draft = {"title": "On Engines", "content": "x" * length}
        answer = callers.change(member, POSTS, method="POST", json=draft)

        per_day = next(it for it in answer.headers["RateLimit"].split(", ") if "-86400" in it)
        refused = cost > OF_A_USER
        assert answer.status_code == (429 if refused else 201)
        assert per_day.startswith(f'"writes-86400";r={100 if refused else 100 - cost};')

    def test_the_longest_body_costs_no_more_than_a_hundred_changes(
        self, limiting_app: Flask
    ) -> None:
        with limiting_app.test_request_context("/", method="POST", data=b"x" * 2**20):
            assert cost_of_change() == 100

    def test_what_is_refused_changes_nothing(self, callers: Callers) -> None:
        member = callers.member()
        for _ in range(OF_A_USER):
            callers.change(member)
        with statements_on(engine_of(callers.app)) as statements:
            answer = callers.change(member, json={"first_name": "Grace"})

        assert answer.status_code == 429
        assert [it.partition(" ")[0] for it in statements] == ["SELECT"]

    def test_changes_without_the_right_are_counted_too(self, callers: Callers) -> None:
        member = callers.member()
        answers = [
            callers.change(member, f"{USERS}/1", method="DELETE") for _ in range(OF_A_USER + 1)
        ]

        assert [it.status_code for it in answers] == [403] * OF_A_USER + [429]

    def test_neither_reads_nor_changes_are_counted_in_the_database(self, callers: Callers) -> None:
        member = callers.member()
        callers.change(member)
        callers.ask(ME, callers.address(), headers=member.headers)

        with engine_of(callers.app).connect() as connection:
            assert connection.scalar(select(func.count()).select_from(RateLimitCount)) == 0

    def test_reading_is_not_limited_for_the_user(self, callers: Callers) -> None:
        member = callers.member()
        for _ in range(OF_A_USER):
            callers.change(member)

        answer = callers.ask(ME, callers.address(), headers=member.headers)
        assert answer.status_code == 200
        assert "writes" not in answer.headers["RateLimit"]

    def test_who_has_an_access_token_keeps_nobody_from_logging_out(self, callers: Callers) -> None:
        member = callers.member()
        misuses = {
            LOGOUT: ("POST", {"unknown": "1"}),
            SESSIONS: ("DELETE", {"unknown": "1"}),
            f"{SESSIONS}/{uuid4()}": ("DELETE", {}),
        }
        for path, (method, query) in misuses.items():
            for _ in range(OF_A_USER + 1):
                callers.change(member, path, method=method, query_string=query, json=None)

        assert callers.change(member, LOGOUT, method="POST", json=None).status_code == 200

    def test_each_way_of_ending_sessions_is_counted_apart(self, callers: Callers) -> None:
        member = callers.member()
        path = f"{SESSIONS}/{uuid4()}"
        statuses = [
            callers.change(member, path, method="DELETE", json=None).status_code
            for _ in range(OF_A_USER + 1)
        ]

        assert statuses == [404] * OF_A_USER + [429]
        answer = callers.change(member, SESSIONS, method="DELETE", json=None)
        assert answer.status_code == 200

    @pytest.mark.parametrize(("path", "method"), [(LOGOUT, "POST"), (SESSIONS, "DELETE")])
    def test_who_uses_up_the_changes_keeps_nobody_from_ending_the_session(
        self, callers: Callers, path: str, method: str
    ) -> None:
        member = callers.member()
        for _ in range(OF_A_USER + 1):
            callers.change(member)

        assert callers.change(member, path, method=method, json=None).status_code == 200

    def test_ending_sessions_is_limited_for_each_session(self, callers: Callers) -> None:
        member = callers.member()
        answers = [
            callers.change(member, SESSIONS, method="DELETE", json=None)
            for _ in range(OF_A_USER + 1)
        ]

        assert [it.status_code for it in answers] == [200] * OF_A_USER + [429]

    def test_an_operation_of_somebodys_own_is_limited_without_a_word(
        self, callers: Callers
    ) -> None:
        member = callers.member()
        before = len(NoteCollection.written)
        answers = [
            callers.change(member, NOTES, method="POST", json=None) for _ in range(OF_A_USER + 1)
        ]

        assert [it.status_code for it in answers] == [204] * OF_A_USER + [429]
        assert '"client"' in answers[0].headers["RateLimit"]
        assert len(NoteCollection.written) == before + OF_A_USER


def test_without_limits_nothing_is_counted(limiting_app: Flask) -> None:
    off = settings_of(limiting_app).replace(RateLimitSettings, enabled=False)
    with application(off) as app:
        callers = Callers(app, "")
        answers = [callers.ask(ME, "198.51.100.7") for _ in range(OF_A_CLIENT + 1)]

    assert {it.status_code for it in answers} == {401}
    assert "RateLimit" not in answers[0].headers
