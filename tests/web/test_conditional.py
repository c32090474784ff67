"""Tags, and what the conditional headers say of them, without anything that is stored."""

import time
from contextlib import suppress
from dataclasses import dataclass

import pytest
from flask import Flask

from userapi.kit.errors import InvalidInput
from userapi.web.conditional import accepted_versions, etag_of, not_modified
from userapi.web.conditional_docs import MAX_TAGS_LENGTH
from web.callers import cases


@dataclass(frozen=True)
class Thing:
    """Something with a version."""

    id: int
    version: int


def versions_in(if_match: str, method: str = "PATCH") -> frozenset[int] | None:
    """Return the versions of the thing 5 that the header names."""
    headers = {"If-Match": if_match}
    with Flask(__name__).test_request_context(method=method, headers=headers):
        return accepted_versions(5)


def is_known(if_none_match: str, method: str = "GET") -> bool:
    """Say whether the header names the thing 5 in version 7."""
    headers = {"If-None-Match": if_none_match}
    with Flask(__name__).test_request_context(method=method, headers=headers):
        return not_modified("5-7") is not None


def test_tag_is_id_and_version() -> None:
    assert etag_of(Thing(id=5, version=7)) == "5-7"


def test_tags_of_things_with_similar_numbers_differ() -> None:
    assert etag_of(Thing(id=1, version=11)) != etag_of(Thing(id=11, version=1))


@cases(
    {
        "one": ('"5-7"', frozenset({7})),
        "several": ('"5-7", "5-8","5-9"', frozenset({7, 8, 9})),
        "the-same-twice": ('"5-7", "5-7"', frozenset({7})),
        "some-of-others": ('"4-1", "5-7", "55-2", "x"', frozenset({7})),
        "without-quotes": ("5-7", frozenset({7})),
        "empty-among-others": (', "5-7",,', frozenset({7})),
        "weak": ('W/"5-7"', frozenset({7})),
        "some-weak": ('W/"5-6", "5-7"', frozenset({6, 7})),
        "compressed": (
            '"5-6-gzip", "5-7-br", W/"5-8-zstd", "5-9-deflate"',
            frozenset({6, 7, 8, 9}),
        ),
        "18-digits": (f'"5-{"9" * 18}"', frozenset({10**18 - 1})),
    }
)
def test_if_match_names_versions(case: tuple[str, frozenset[int]]) -> None:
    header, versions = case

    assert versions_in(header) == versions


def test_if_match_any_accepts_every_version() -> None:
    assert versions_in("*") is None


def test_without_if_match_every_version_is_accepted() -> None:
    with Flask(__name__).test_request_context(method="PATCH"):
        assert accepted_versions(5) is None


@cases(
    {
        "empty-tag": '""',
        "empty-weak-tag": 'W/""',
        "weak-of-another": 'W/"4-7"',
        "other-suffix": '"5-7-x"',
        "two-suffixes": '"5-7-gzip-gzip"',
        "suffix-alone": '"-gzip"',
        "of-another": '"4-7"',
        "of-a-longer-id": '"55-7"',
        "version-alone": '"7"',
        "id-alone": '"5"',
        "no-version": '"5-"',
        "no-id": '"-7"',
        "version-0": '"5-0"',
        "id-0": '"0-7"',
        "negative-version": '"5--7"',
        "signed-version": '"5-+7"',
        "padded-version": '"5-07"',
        "padded-id": '"05-7"',
        "longer": '"5-7-1"',
        "float": '"5-7.0"',
        "underscore": '"5-1_0"',
        "superscript": '"5-\xb2"',
        "quoted-any": '"*"',
        "any-among-others": '"x", *',
        "no-tag": "%$&",
        "900-digits": f'"5-{"9" * 900}"',
        "19-digits": f'"5-1{"0" * 18}"',
    }
)
def test_if_match_names_no_version(case: str) -> None:
    assert versions_in(case) == frozenset()


MALFORMED = {
    "empty": "",
    "comma": ",",
    "blank": " ",
    "unclosed": '"5-7',
    "unopened": '5-7"',
    "blank-last": '"5-7 "',
    "blank-first": '" 5-7"',
    "no-comma": '"5-7" "5-8"',
    "weak-in-lower-case": 'w/"5-7"',
    "beyond-latin-1": '"5-\u0665"',
    "garbage-among-others": '%$&"", "5-7"',
    "1001-characters": f'"5-{"9" * 997}"',
}


@cases(MALFORMED)
def test_malformed_if_match_is_refused_by_name(case: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        versions_in(case)

    (error,) = refused.value.errors
    assert (error.code, error.parameter) == ("entity-tags", "If-Match")


@cases(MALFORMED)
def test_malformed_if_none_match_is_refused_by_name(case: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        is_known(case)

    (error,) = refused.value.errors
    assert (error.code, error.parameter) == ("entity-tags", "If-None-Match")


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_malformed_if_none_match_of_a_write_is_ignored(method: str) -> None:
    assert not is_known('"', method)


@pytest.mark.parametrize("separator", ["a", "a,", "\t", ", ", '"', '"a",'])
def test_long_header_is_judged_in_no_time(separator: str) -> None:
    header = (separator * MAX_TAGS_LENGTH)[: MAX_TAGS_LENGTH - 1] + '"'
    start = time.perf_counter()

    with suppress(InvalidInput):
        versions_in(header)

    assert time.perf_counter() - start < 0.5


@cases(
    {
        "one": '"5-7"',
        "without-quotes": "5-7",
        "weak": 'W/"5-7"',
        "first": '"5-7", "x"',
        "last": '"x", W/"y", "5-7"',
        "weak-last": '"x", W/"5-7"',
        "without-blanks": '"x","5-7"',
        "any": "*",
    }
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_if_none_match_names_the_version(case: str, method: str) -> None:
    assert is_known(case, method)


@cases(
    {
        "empty-tag": '""',
        "of-another": '"4-7"',
        "of-another-version": '"5-6"',
        "several": '"4-7", "5-6", W/"55-7"',
        "longer": '"5-7-"',
        "padded": '"5-07"',
        "quoted-any": '"*"',
        "any-among-others": '"x", *',
        "garbage": "%$&",
    }
)
def test_if_none_match_names_something_else(case: str) -> None:
    assert not is_known(case)


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_if_none_match_is_for_reading(method: str) -> None:
    assert not is_known('"5-7"', method)


def test_answer_to_who_knows_it_has_the_tag_alone() -> None:
    with Flask(__name__).test_request_context(headers={"If-None-Match": "*"}):
        answer = not_modified("5-7")

    assert answer is not None
    assert (answer.status_code, answer.data, answer.headers["ETag"]) == (304, b"", '"5-7"')
