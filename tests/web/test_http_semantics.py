"""What RFC 9110 asks of origin servers, as far as the application answers; see docs/http.md."""

import gzip
import json

import pytest
from flask.testing import FlaskClient

from support.answers import assert_invalid, assert_problem
from support.paths import LIVE, LOGIN, LOGOUT, ME, READY, USERS
from userapi.kit.errors import TokenRefused, all_domain_errors
from web.callers import (
    LISTS,
    POST,
    PROFILE,
    WRITING,
    Caller,
    Operation,
    cases,
    each_of,
    writing,
)
from web.samples import SAMPLES, Sample

pytestmark = pytest.mark.any_database

JWKS = "/.well-known/jwks.json"
DOCUMENTS = ["/openapi.json", "/openapi.yaml", "/docs", "/docs/errors", "/docs/assets/docs.css"]
READS = [ME, PROFILE, POST, *LISTS, LIVE, READY, JWKS, *DOCUMENTS, "/nowhere", f"{USERS}/999999"]
ROLE = f"{PROFILE}/role"
NOT_TOLD_TWICE = {"X-Request-Id", "Date"}


# Methods: RFC 9110, chapter 9


@pytest.mark.parametrize("path", READS)
def test_head_is_get_without_the_content(caller: Caller, path: str) -> None:
    get = caller.send("GET", path)
    head = caller.send("HEAD", path)

    assert (head.status_code, head.data) == (get.status_code, b"")
    names = {*get.headers.keys(), *head.headers.keys()} - NOT_TOLD_TWICE
    assert [it for it in names if get.headers.get(it) != head.headers.get(it)] == []


def test_content_of_a_read_is_ignored(caller: Caller) -> None:
    assert caller.send("GET", ME, json={"email": "x"}).status_code == 200


def test_options_of_the_whole_service_is_answered(caller: Caller) -> None:
    answer = caller.send("OPTIONS", "/", environ_overrides={"PATH_INFO": "*"})

    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize("method", ["GET", "POST", "HEAD"])
def test_no_other_method_asks_for_the_whole_service(caller: Caller, method: str) -> None:
    assert caller.send(method, "/", environ_overrides={"PATH_INFO": "*"}).status_code == 404


@pytest.mark.parametrize("path", [PROFILE, POST])
def test_options_tells_what_a_patch_is_made_of(caller: Caller, path: str) -> None:
    assert caller.send("OPTIONS", path).headers["Accept-Patch"] == "application/json"


@pytest.mark.parametrize("path", [USERS, ME, LIVE])
def test_options_tells_of_no_patch_where_there_is_none(caller: Caller, path: str) -> None:
    assert "Accept-Patch" not in caller.send("OPTIONS", path).headers


def test_a_part_cannot_be_put(caller: Caller) -> None:
    headers = {"Content-Range": "bytes 0-1/2"}

    answer = caller.send("PUT", ROLE, json={"role": "admin"}, headers=headers)

    assert_invalid(answer, "Content-Range", "partial")


def test_a_range_of_content_means_nothing_elsewhere(caller: Caller) -> None:
    headers = {"Content-Range": "bytes 0-1/2"}

    assert caller.send("PATCH", PROFILE, json={}, headers=headers).status_code == 200


# Content: RFC 9110, chapter 8


@cases(SAMPLES)
def test_what_has_content_has_a_type(testing: FlaskClient, case: Sample) -> None:
    answer = case.send(testing)

    assert bool(answer.content_type) == bool(answer.data)


def test_json_has_no_charset(testing: FlaskClient) -> None:
    assert testing.get(LIVE).content_type == "application/json"
    assert testing.get("/nowhere").content_type == "application/problem+json"


def test_an_answer_without_content_has_no_length(caller: Caller) -> None:
    gone = caller.send("DELETE", POST)
    known = caller.send("GET", ME, headers={"If-None-Match": "*"})

    assert (gone.status_code, known.status_code) == (204, 304)
    for answer in (gone, known):
        assert not {"Content-Length", "Content-Type"} & {*answer.headers.keys()}


@writing
@each_of({"gzip": "gzip", "x-gzip": "x-gzip", "br": "br", "two": "gzip, br", "odd": "x"})
def test_coded_content_is_refused(caller: Caller, operation: Operation, case: str) -> None:
    method, path, body = operation
    data = gzip.compress(json.dumps(body).encode())

    answer = caller.send(
        method,
        path,
        data=data,
        content_type="application/json",
        headers={"Content-Encoding": case},
    )

    assert_problem(answer, 415, "unsupported-coding")
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("coding", ["identity", "Identity"])
def test_no_coding_may_be_told(caller: Caller, coding: str) -> None:
    answer = caller.send("PATCH", PROFILE, json={}, headers={"Content-Encoding": coding})

    assert answer.status_code == 200


@writing
def test_a_refused_type_is_answered_with_the_right_one(
    caller: Caller, operation: Operation
) -> None:
    answer = caller.send_raw(operation, b"{}", "text/plain")

    assert_problem(answer, 415, "unsupported-media-type")
    assert answer.headers["Accept"] == "application/json"


# Negotiation: RFC 9110, chapter 12


@pytest.mark.parametrize("path", [LIVE, ME, "/openapi.json", "/docs", "/nowhere"])
@each_of(
    {
        "other-type": {"Accept": "image/png"},
        "nothing": {"Accept": "application/json;q=0"},
        "malformed": {"Accept": ";;;"},
        "no-coding": {"Accept-Encoding": "identity;q=0, *;q=0"},
        "coding": {"Accept-Encoding": "gzip, br"},
        "language": {"Accept-Language": "tlh"},
        "charset": {"Accept-Charset": "utf-16"},
    }
)
def test_there_is_one_representation(caller: Caller, path: str, case: dict[str, str]) -> None:
    usual = caller.send("GET", path)

    answer = caller.send("GET", path, headers=case)

    assert (answer.status_code, answer.content_type) == (usual.status_code, usual.content_type)
    assert "Content-Encoding" not in answer.headers
    assert "Vary" not in answer.headers


@each_of({"unknown": "X-Unknown", "te": "TE", "upgrade": "Upgrade", "prefer": "Prefer"})
def test_a_header_that_is_not_understood_is_ignored(caller: Caller, case: str) -> None:
    assert caller.send("GET", ME, headers={case: "websocket"}).status_code == 200


# Conditions: RFC 9110, chapter 13


@pytest.mark.parametrize("path", [ME, *DOCUMENTS])
def test_dates_say_nothing_of_what_has_none(caller: Caller, path: str) -> None:
    usual = caller.send("GET", path)
    past, future = "Sat, 01 Jan 2000 00:00:00 GMT", "Sat, 01 Jan 2100 00:00:00 GMT"
    headers = {"If-Modified-Since": future, "If-Unmodified-Since": past}

    answer = caller.send("GET", path, headers=headers)

    assert "Last-Modified" not in usual.headers
    assert (answer.status_code, answer.data) == (200, usual.data)


@pytest.mark.parametrize("path", [ME, PROFILE, POST, JWKS, *DOCUMENTS])
@each_of({"any": "*", "current": "{}", "several": '"other", {}'})
def test_what_is_there_matches(caller: Caller, path: str, case: str) -> None:
    condition = case.format(caller.send("GET", path).headers["ETag"])

    assert caller.send("GET", path, headers={"If-Match": condition}).status_code == 200
    answer = caller.send("GET", path, headers={"If-Match": condition, "If-None-Match": condition})
    assert answer.status_code == 304


@pytest.mark.parametrize("path", [ME, PROFILE, POST, JWKS, *DOCUMENTS])
def test_what_is_not_there_does_not_match(caller: Caller, path: str) -> None:
    answer = caller.send("GET", path, headers={"If-Match": '"other"', "If-None-Match": "*"})

    assert answer.status_code == 412


@pytest.mark.parametrize("path", [ME, PROFILE, POST, JWKS, *DOCUMENTS])
def test_not_modified_tells_what_caches_keep(caller: Caller, path: str) -> None:
    whole = caller.send("GET", path)

    answer = caller.send("GET", path, headers={"If-None-Match": whole.headers["ETag"]})

    assert answer.status_code == 304
    for name in ("Cache-Control", "Content-Location", "ETag", "Expires", "Vary"):
        assert answer.headers.get(name) == whole.headers.get(name)


@pytest.mark.parametrize("path", ["/nowhere", f"{USERS}/999999"])
def test_what_would_be_an_error_anyway_stays_that_error(caller: Caller, path: str) -> None:
    headers = {"If-Match": '"other"', "If-None-Match": "*"}

    assert caller.send("GET", path, headers=headers).status_code == 404


# Ranges: RFC 9110, chapter 14

RANGES = {
    "one": "bytes=0-9",
    "several": "bytes=0-1,3-4",
    "past-the-end": "bytes=9999999-",
    "other-unit": "lines=1-2",
    "malformed": "bytes=abc",
}


@pytest.mark.parametrize("path", [ME, LIVE, *DOCUMENTS])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@each_of(RANGES)
def test_no_part_is_sent(caller: Caller, path: str, method: str, case: str) -> None:
    whole = caller.send(method, path)

    answer = caller.send(method, path, headers={"Range": case, "If-Range": '"x"'})

    assert (answer.status_code, answer.data) == (200, whole.data)
    assert not {"Accept-Ranges", "Content-Range"} & {*answer.headers.keys()}


# Refusals: RFC 9110, chapters 10, 11, 15


@pytest.mark.parametrize("authorization", [None, "", "Basic YTpi", "Bearer", "Bearer x", "x"])
@pytest.mark.parametrize(("method", "path"), [("GET", ME), ("GET", USERS), ("POST", LOGOUT)])
def test_every_refused_credential_is_challenged(
    client: FlaskClient, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = client.open(path, method=method, headers=headers)

    (challenge,) = answer.headers.getlist("WWW-Authenticate")
    assert answer.status_code == 401
    assert challenge.startswith('Bearer realm="userapi"')


def test_a_refused_login_is_challenged(client: FlaskClient) -> None:
    login = {"email": "nobody@example.com", "password": "wrong password"}

    answer = client.post(LOGIN, json=login)

    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (
        401,
        'Bearer realm="userapi"',
    )


def test_no_challenge_breaks_its_quotes() -> None:
    titles = [error.title for error in all_domain_errors() if issubclass(error, TokenRefused)]

    assert titles
    # RFC 6750 has an error_description be of these characters.
    assert [title for title in titles if not title.isascii() or {'"', "\\"} & {*title}] == []


# Identifiers: RFC 9110, chapter 4


@pytest.mark.parametrize("operation", [WRITING["register"], WRITING["create-post"]])
def test_the_location_is_a_path_on_any_host(caller: Caller, operation: Operation) -> None:
    method, path, body = operation

    answer = caller.send(method, path, json=body, headers={"Host": "other.example"})

    location = answer.headers["Location"]
    assert location.startswith(f"{path}/")
    assert caller.send("GET", location).status_code == 200
