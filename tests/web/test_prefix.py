"""The service under a path prefix: what goes out has it, whoever tells it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.test import Client, TestResponse

from posts.samples import DRAFT, POSTS
from support.accounts import REGISTRATION, Account, Headers
from support.applications import application, settings_for_testing
from support.paths import LIVE, ME, USERS
from userapi.config.settings import SettingsError
from userapi.web.edge import name_request
from userapi.web.errors import UriTooLong

PREFIX = "/auth"


def application_with(folder: Path, **variables: str) -> Iterator[Flask]:
    settings = settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder, **variables)
    with application(settings) as app:
        yield app


def mount(app: Flask) -> Client:
    """Return a client of a server that has the application under the prefix."""
    mounted = DispatcherMiddleware(app.wsgi_app, {PREFIX: app.wsgi_app})
    return Client(mounted)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the applications keep their files."""
    return tmp_path_factory.mktemp("prefix")


@pytest.fixture(scope="module")
def behind(folder: Path) -> Iterator[Client]:
    """A client of an application that trusts one proxy."""
    for app in application_with(folder, TRUSTED_PROXIES="1"):
        yield Client(app.wsgi_app)


@pytest.fixture(scope="module")
def rooted(folder: Path) -> Iterator[Client]:
    """A client of an application that is set to the prefix."""
    for app in application_with(folder, ROOT_PATH=f"{PREFIX}/"):
        yield Client(app.wsgi_app)


@pytest.fixture(scope="module", params=["header", "setting", "setting-left-on", "mount"])
def told(request: pytest.FixtureRequest, folder: Path) -> Iterator["Told"]:
    """A client of the service under the prefix, in each way to tell it."""
    way: str = request.param
    variables = {"header": {"TRUSTED_PROXIES": "1"}, "mount": {}}.get(way, {"ROOT_PATH": PREFIX})
    for app in application_with(folder, **variables):
        headers = {"X-Forwarded-Prefix": PREFIX} if way == "header" else {}
        is_left_on = way in ("mount", "setting-left-on")
        client = mount(app) if way == "mount" else Client(app.wsgi_app)
        yield Told(client, headers, PREFIX if is_left_on else "")


class Told:
    """A client that asks as a proxy does."""

    def __init__(self, client: Client, headers: Headers, left_on: str) -> None:
        self._client = client
        self._headers = headers
        self._left_on = left_on

    def get(self, path: str) -> TestResponse:
        # The client would take a doubled slash for the beginning of a host.
        return self._client.get(
            headers=self._headers,
            environ_overrides={"PATH_INFO": f"{self._left_on}{path}"},
            buffered=True,
        )


@pytest.mark.any_database
class TestWhatGoesOut:
    def test_the_root_leads_to_the_page(self, told: Told) -> None:
        answer = told.get("/")

        assert (answer.status_code, answer.headers["Location"]) == (302, f"{PREFIX}/docs")

    def test_a_slash_too_many_leads_to_the_page(self, told: Told) -> None:
        answer = told.get("/docs/")

        assert (answer.status_code, answer.headers["Location"]) == (308, f"{PREFIX}/docs")

    def test_what_leads_elsewhere_has_no_body_that_leads_out_of_it(self, told: Told) -> None:
        for path in ("/", "/docs/"):
            answer = told.get(path)
            assert (answer.data, answer.headers.get("Content-Type")) == (b"", None), path

    def test_a_problem_has_it_in_its_type_and_in_its_instance(self, told: Told) -> None:
        problem = told.get(f"{USERS}/x").get_json()

        assert problem["type"] == f"{PREFIX}/docs/errors#path-not-found"
        assert problem["instance"] == f"{PREFIX}{USERS}/x"

    def test_the_document_has_it_as_its_server(self, told: Told) -> None:
        document = told.get("/openapi.json").get_json()

        assert [server["url"] for server in document["servers"]] == [PREFIX]
        assert f"]({PREFIX}/docs/errors)" in document["info"]["description"]

    def test_the_pages_are_found_under_it(self, told: Told) -> None:
        for path in ("/docs", "/docs/errors", "/docs/assets/docs.js", LIVE):
            assert told.get(path).status_code == 200, path

    def test_a_doubled_slash_behind_it_is_refused(self, told: Told) -> None:
        answer = told.get("//evil.example")

        assert (answer.status_code, answer.headers.get("Location")) == (404, None)


@pytest.mark.any_database
def test_what_refers_to_others_on_a_page_is_relative(rooted: Client) -> None:
    for path in ("/docs", "/docs/errors"):
        page = rooted.get(path).text
        assert 'href="/' not in page
        assert 'src="/' not in page
        assert 'data-url="/' not in page


@pytest.mark.any_database
def test_the_document_as_yaml_has_it_too(rooted: Client) -> None:
    document = rooted.get("/openapi.yaml").text

    assert f"- url: {PREFIX}\n" in document
    assert f"]({PREFIX}/docs/errors)" in document


@pytest.mark.any_database
def test_without_a_slash_the_root_is_found(rooted: Client) -> None:
    assert rooted.get(PREFIX).headers["Location"] == f"{PREFIX}/docs"


@pytest.mark.any_database
def test_a_path_that_is_empty_names_no_host(behind: Client) -> None:
    answer = behind.get(
        headers={"Host": "evil.example", "X-Forwarded-Prefix": PREFIX},
        environ_overrides={"PATH_INFO": ""},
    )

    assert answer.headers["Location"] == f"{PREFIX}/docs"


@pytest.mark.any_database
def test_only_the_whole_first_part_is_taken_off(rooted: Client) -> None:
    assert rooted.get(f"{PREFIX}docs").status_code == 404
    assert rooted.get(f"{PREFIX}{PREFIX}{LIVE}").status_code == 404


@pytest.mark.any_database
def test_the_documents_of_two_prefixes_have_two_etags(behind: Client) -> None:
    def ask(prefix: str, etag: str = '"another"') -> TestResponse:
        headers = {"X-Forwarded-Prefix": prefix, "If-None-Match": etag}
        return behind.get("/openapi.json", headers=headers)

    etag = ask("/a").headers["ETag"]

    assert (ask("/a", etag).status_code, ask("/b", etag).status_code) == (304, 200)


def test_what_was_created_is_located_under_it(client: FlaskClient, auth_headers: Headers) -> None:
    answer = client.post(
        POSTS, json=DRAFT, headers=auth_headers, environ_overrides={"SCRIPT_NAME": PREFIX}
    )

    assert answer.headers["Location"] == f"{PREFIX}{POSTS}/{answer.get_json()['id']}"


def test_an_answer_that_is_repeated_is_located_as_the_request_came(client: FlaskClient) -> None:
    headers = {"Idempotency-Key": "one"}
    first = client.post(USERS, json=REGISTRATION, headers=headers)

    again = client.post(
        USERS, json=REGISTRATION, headers=headers, environ_overrides={"SCRIPT_NAME": PREFIX}
    )

    assert again.headers["Idempotency-Replayed"] == "true"
    assert again.headers["Location"] == f"{PREFIX}{first.headers['Location']}"


def test_pages_are_linked_under_it(
    client: FlaskClient, user: Account, auth_headers: Headers
) -> None:
    answer = client.get(USERS, headers=auth_headers, environ_overrides={"SCRIPT_NAME": PREFIX})

    assert answer.headers["Link"].startswith(f"<{PREFIX}{USERS}?page=1>")


@pytest.mark.any_database
class TestWhomIsBelieved:
    def test_without_trusted_proxies_the_header_is_ignored(self, testing: FlaskClient) -> None:
        answer = testing.get("/", headers={"X-Forwarded-Prefix": PREFIX})

        assert answer.headers["Location"] == "/docs"

    def test_with_a_root_path_the_header_is_ignored(self, folder: Path) -> None:
        for app in application_with(folder, ROOT_PATH=PREFIX, TRUSTED_PROXIES="1"):
            answer = Client(app.wsgi_app).get("/", headers={"X-Forwarded-Prefix": "/other"})

            assert answer.headers["Location"] == f"{PREFIX}/docs"

    @pytest.mark.parametrize(
        ("told", "prefix"),
        [
            ("/auth", "/auth"),
            ("/auth/", "/auth"),
            ("/a/b-c_d~e.f/9", "/a/b-c_d~e.f/9"),
            ("/made-up, /auth", "/auth"),
            ("/", ""),
            ("", ""),
        ],
    )
    def test_what_the_last_proxy_says_counts(self, behind: Client, told: str, prefix: str) -> None:
        answer = behind.get("/", headers={"X-Forwarded-Prefix": told})

        assert answer.headers["Location"] == f"{prefix}/docs"

    @pytest.mark.parametrize(
        "told",
        [
            *("auth", "//evil.example", "/auth//x", "/a/../b", "/..", "/.hidden", "/auth//"),
            *("https://evil.example", "/\\evil.example", "/a b", "/a?b", "/a#b", "/a%2fb", "/a;b"),
            *('/"><script>', "/\xff", "/a\tb", f"/{'a' * 200}", "/made-up, ", "/auth, //evil"),
        ],
    )
    def test_what_is_no_prefix_is_ignored(self, behind: Client, told: str) -> None:
        answer = behind.get("/", environ_overrides={"HTTP_X_FORWARDED_PREFIX": told})

        assert (answer.status_code, answer.headers["Location"]) == (302, "/docs")

    def test_of_two_proxies_the_outer_one_comes_first(self, folder: Path) -> None:
        for app in application_with(folder, TRUSTED_PROXIES="2"):
            answer = Client(app.wsgi_app).get(
                "/", headers={"X-Forwarded-Prefix": "/made-up, /outer, /inner"}
            )

            assert answer.headers["Location"] == "/outer/inner/docs"

    def test_what_one_of_two_proxies_garbles_is_ignored(self, folder: Path) -> None:
        for app in application_with(folder, TRUSTED_PROXIES="2"):
            answer = Client(app.wsgi_app).get(
                "/", headers={"X-Forwarded-Prefix": "//evil.example, /inner"}
            )

            assert answer.headers["Location"] == "/docs"

    def test_no_cache_may_give_an_answer_with_it_to_others(self, behind: Client) -> None:
        for path in ("/", "/docs/", "/docs", "/openapi.json", "/nowhere", ME):
            answer = behind.get(path, headers={"X-Forwarded-Prefix": PREFIX})
            assert answer.headers["Cache-Control"] in ("no-cache", "no-store"), path


@pytest.mark.any_database
def test_a_request_that_could_not_be_read_is_answered_with_it(folder: Path) -> None:
    for app in application_with(folder, ROOT_PATH=PREFIX):
        with app.test_request_context():
            name_request()
            answer = app.make_response(app.handle_user_exception(UriTooLong()))

        assert answer.get_json()["type"] == f"{PREFIX}/docs/errors#uri-too-long"


@pytest.mark.any_database
def test_what_touches_nothing_waits_for_nobody_with_the_prefix_left_on(folder: Path) -> None:
    for app in application_with(folder, ROOT_PATH=PREFIX):
        assert app.config["PATHS_TOUCHING_NOTHING"] == {LIVE, f"{PREFIX}{LIVE}"}


@pytest.mark.any_database
@pytest.mark.parametrize("root_path", ["/api", "/.well-known", "/x/../y"])
def test_a_root_path_that_is_ours_or_none_is_refused(folder: Path, root_path: str) -> None:
    with pytest.raises(SettingsError, match="ROOT_PATH: must"):
        next(application_with(folder, ROOT_PATH=root_path))
