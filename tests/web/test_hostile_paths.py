"""Paths, methods and headers that are wrong: each gets its answer, none a 500."""

import pytest
from flask.testing import FlaskClient

from posts.samples import POSTS
from support.answers import assert_invalid, assert_problem
from support.paths import LIVE, LOGIN, LOGOUT, ME, READY, REFRESH, USERS
from web.callers import PROFILE, Body, Caller, cases, each_of

NO_IDS = {
    "zero": "0",
    "negative": "-1",
    "leading-zero": "01",
    "float": "1.0",
    "exponent": "1e3",
    "plus": "%2B1",
    "blank-first": "%201",
    "blank-last": "1%20",
    "line-break": "1%0A",
    "underscore": "1_000",
    "hexadecimal": "0x1",
    "arabic-digit": "%D9%A1",
    "full-width-digit": "%EF%BC%91",
    "superscript": "%C2%B2",
    "2-to-63": str(2**63),
    "19-nines": "9" * 19,
    "30-digits": "9" * 30,
    "5000-digits": "9" * 5000,
    "nul": "%00",
    "number-with-nul": "1%00",
    "invalid-utf-8": "%FF",
    "surrogate": "%ED%A0%80",
    "overlong-utf-8": "%C0%AF",
    "slash": "1%2F2",
    "parent": "%2E%2E",
    "parameter": "1;x",
    "wrong-case": "ME",
    "word": "none",
    "long": "a" * 100_000,
}


@pytest.mark.any_database
@pytest.mark.parametrize("path", [f"{USERS}/{{}}", f"{POSTS}/{{}}", f"{USERS}/{{}}/posts"])
@each_of(NO_IDS)
def test_what_is_no_id_is_not_found(caller: Caller, path: str, case: str) -> None:
    assert_problem(caller.send("GET", path.format(case)), 404, "path-not-found")


@pytest.mark.parametrize("method", ["PATCH", "DELETE"])
@pytest.mark.parametrize("path", [USERS, POSTS])
def test_immense_id_is_not_found_for_writing(caller: Caller, method: str, path: str) -> None:
    answer = caller.send(method, f"{path}/{2**63}", json={})

    assert_problem(answer, 404, "path-not-found")


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@cases({"user": (USERS, "user-not-found"), "post": (POSTS, "post-not-found")})
def test_largest_id_is_looked_up(caller: Caller, method: str, case: tuple[str, str]) -> None:
    path, code = case
    body: Body | None = {} if method == "PATCH" else None

    assert_problem(caller.send(method, f"{path}/{2**63 - 1}", json=body), 404, code)


@pytest.mark.any_database
@each_of(
    {
        "double-slash": "//",
        "prefix": "/api/v1",
        "no-prefix": "/users",
        "unknown": "/api/v1/nothing",
        "below": "/api/v1/users/me/nothing",
        "other-version": "/api/v2/users",
        "upper-case": "/API/V1/USERS",
        "trailing-slash": "/api/v1/users/",
        "trailing-slash-me": "/api/v1/users/me/",
        "trailing-slash-posts": "/api/v1/users/1/posts/",
        "trailing-slash-live": "/health/live/",
        "trailing-slash-docs": "/docs/errors/",
        "first-slash-doubled": "//api/v1/users",
        "first-slash-tripled": "///api/v1/users",
        "other-slash-doubled": "/api/v1//users",
        "last-slash-doubled": "/api/v1/users//me",
        "dot": "/api/v1/./users",
        "dots": "/api/v1/posts/../users",
        "backslash": "/api/v1\\users",
        "blank": "/api/v1/users ",
        "nul": "/api/v1/users\0",
        "line-break": "/api/v1/users\n",
        "invalid-utf-8": "/\xff\xfe",
        "markup": "/<script>alert(1)</script>",
        "asset": "/docs/assets/none.js",
        "asset-outside": "/docs/assets/../docs.py",
        "asset-nul": "/docs/assets/\0",
        "asterisk": "*",
        "long": "/" + "a" * 100_000,
        "deep": "/a" * 50_000,
    }
)
def test_unknown_path_is_not_found(caller: Caller, case: str) -> None:
    # The client would tidy up some of these.
    answer = caller.send("GET", "/", environ_overrides={"PATH_INFO": case})

    assert_problem(answer, 404, "path-not-found")


@pytest.mark.any_database
@pytest.mark.parametrize(
    "target",
    [
        "/api/v1%2Fusers/me",
        "/api%2fv1/users/me",
        "/%2Fapi/v1/users/me",
        "/api/v1/users%2Fme?page=1",
        "/api/v1/users/%2Fme",
        "/docs%2Ferrors",
        "http://api/api/v1%2Fusers/me",
    ],
)
def test_an_encoded_slash_is_no_slash(caller: Caller, target: str) -> None:
    assert_problem(caller.send("GET", target), 404, "path-not-found")


@pytest.mark.any_database
def test_an_encoded_slash_in_the_query_is_one(caller: Caller) -> None:
    assert_invalid(caller.send("GET", f"{USERS}?color=a%2Fb"), "color", "unknown")


@pytest.mark.any_database
def test_what_needs_no_encoding_may_have_it(caller: Caller) -> None:
    # RFC 3986 has them be the same path.
    assert caller.send("GET", "/api/v1/%75sers/m%65").status_code == 200


@pytest.mark.any_database
@each_of(
    {
        "blank": ("/a b", "/a%20b"),
        "quote": ('/a"b', "/a%22b"),
        "markup": ("/<b>", "/%3Cb%3E"),
        "percent": ("/%41", "/%2541"),
        "accent": ("/\xc3\xa9", "/%C3%A9"),
        "control-character": ("/\x1b", "/%EF%BF%BD"),
        "plain": ("/a-b_c.d~e:f@g", "/a-b_c.d~e:f@g"),
    }
)
def test_instance_is_a_uri(caller: Caller, case: tuple[str, str]) -> None:
    path, instance = case

    answer = caller.send("GET", "/", environ_overrides={"PATH_INFO": path})

    assert assert_problem(answer, 404, "path-not-found")["instance"] == instance


@pytest.mark.any_database
def test_instance_of_a_long_path_is_short(caller: Caller) -> None:
    answer = caller.send("GET", "/" + "a" * 100_000)

    assert len(assert_problem(answer, 404, "path-not-found")["instance"]) < 400


# Methods

METHODS = {
    USERS: "GET HEAD OPTIONS POST",
    ME: "GET HEAD OPTIONS",
    f"{USERS}/1": "DELETE GET HEAD OPTIONS PATCH",
    f"{USERS}/1/posts": "GET HEAD OPTIONS",
    LOGIN: "OPTIONS POST",
    LOGOUT: "OPTIONS POST",
    REFRESH: "OPTIONS POST",
    POSTS: "GET HEAD OPTIONS POST",
    f"{POSTS}/1": "DELETE GET HEAD OPTIONS PATCH",
    LIVE: "GET HEAD OPTIONS",
    READY: "GET HEAD OPTIONS",
    "/openapi.json": "GET HEAD OPTIONS",
    "/docs": "GET HEAD OPTIONS",
    "/docs/": "GET HEAD OPTIONS",
    "/": "GET HEAD OPTIONS",
}


@pytest.mark.any_database
@pytest.mark.parametrize("method", ["PUT", "TRACE", "CONNECT", "QUERY", "FOO", "X" * 1000, "G T"])
@pytest.mark.parametrize("path", METHODS)
def test_other_method_is_not_allowed(caller: Caller, path: str, method: str) -> None:
    answer = caller.send(method, path)

    assert_problem(answer, 405, "method-not-allowed")
    assert sorted(answer.headers["Allow"].split(", ")) == METHODS[path].split()


@pytest.mark.any_database
@pytest.mark.parametrize("path", [LOGIN, LOGOUT])
def test_head_is_not_allowed_where_get_is_not(caller: Caller, path: str) -> None:
    answer = caller.send("HEAD", path)

    assert answer.status_code == 405
    assert answer.data == b""


@pytest.mark.any_database
def test_method_in_a_header_is_ignored(caller: Caller) -> None:
    headers = {"X-HTTP-Method-Override": "DELETE"}

    assert caller.send("GET", PROFILE, headers=headers).status_code == 200
    assert caller.send("GET", ME).status_code == 200


# Headers

ODD_VALUES = {
    "long": "x" * 100_000,
    "latin-1": "\xff\xfe",
    "nul": "\0",
    "quote": '"',
    "separators": "; , = ; ,",
    "commas": "," * 1000,
    "percent": "%00%FF",
    "markup": "<script>",
    "format": "%s %(name)s {0} ${x}",
}


HEADERS = [
    *("ACCEPT", "ACCEPT_ENCODING", "ACCEPT_LANGUAGE", "COOKIE", "DATE", "EXPECT", "FORWARDED"),
    *("IF_MODIFIED_SINCE", "ORIGIN", "RANGE", "REFERER", "USER_AGENT"),
    *("X_FORWARDED_FOR", "X_FORWARDED_HOST", "X_FORWARDED_PROTO"),
]


@pytest.mark.any_database
@each_of(ODD_VALUES)
def test_odd_headers_do_no_harm(caller: Caller, case: str) -> None:
    odd = {f"HTTP_{name}": case for name in HEADERS}

    assert caller.send("GET", ME, environ_overrides=odd).status_code == 200


@pytest.mark.any_database
@each_of({"double-dot": "a..b", "leading-dot": ".example.com", "long-label": "x" * 300})
def test_malformed_host_is_refused(caller: Caller, case: str) -> None:
    answer = caller.send("GET", ME, environ_overrides={"HTTP_HOST": case})

    assert_problem(answer, 400, "bad-request")


@pytest.mark.any_database
def test_failed_precondition_is_a_problem(client: FlaskClient) -> None:
    answer = client.get("/openapi.json", headers={"If-Match": '"other"'})

    assert_problem(answer, 412, "precondition-failed")
