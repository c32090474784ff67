"""S35: a form of very many parts keeps a process busy, or fills its memory.

As in CVE-2023-25577, CVE-2023-24580 and CVE-2024-53981.
"""

import time
import tracemalloc

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from posts.samples import POSTS
from support.answers import verdict
from support.paths import LOGIN, REFRESH, USERS
from web.callers import cases

pytestmark = pytest.mark.any_database

PARTS = 100_000
MEBIBYTE = 2**20
MULTIPART = "multipart/form-data; boundary=x"
URLENCODED = "application/x-www-form-urlencoded"

FORMS: dict[str, tuple[str, bytes]] = {
    "parts": (MULTIPART, b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n\r\n' * PARTS),
    "boundaries": (MULTIPART, b"--x\r\n" * PARTS),
    "line-breaks": (MULTIPART, b"--x\r\n" + b"\r\n" * PARTS),
    "one-part": (MULTIPART, b"--x\r\n" + b"\r" * MEBIBYTE),
    "headers-of-a-part": (MULTIPART, b"--x\r\n" + b"A: b\r\n" * PARTS),
    "fields": (URLENCODED, b"a=&" * PARTS),
    "separators": (URLENCODED, b"&" * (MEBIBYTE - 1)),
}


def sent(client: FlaskClient, path: str, form: tuple[str, bytes]) -> tuple[TestResponse, float]:
    """Send a form; return the answer and the seconds of processor time that it took."""
    content_type, body = form
    started = time.process_time()
    answer = client.post(path, data=body, content_type=content_type)
    return answer, time.process_time() - started


@pytest.mark.parametrize("path", [USERS, LOGIN])
@cases(FORMS)
def test_s35_a_form_of_very_many_parts_is_refused_at_once(
    client: FlaskClient, path: str, case: tuple[str, bytes]
) -> None:
    answer, seconds = sent(client, path, case)

    too_large = len(case[1]) > MEBIBYTE
    expected = (413, "body-too-large") if too_large else (415, "unsupported-media-type")
    assert verdict(answer) == expected
    assert seconds < 1


@pytest.mark.parametrize("path", [POSTS, REFRESH])
@cases(FORMS)
def test_s35_nor_is_it_read_for_those_without_a_token(
    client: FlaskClient, path: str, case: tuple[str, bytes]
) -> None:
    answer, seconds = sent(client, path, case)

    assert answer.status_code in {401, 413}
    assert seconds < 1


@cases(FORMS)
def test_s35_a_form_of_very_many_parts_takes_little_memory(
    client: FlaskClient, case: tuple[str, bytes]
) -> None:
    tracemalloc.start()
    try:
        sent(client, USERS, case)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 20 * MEBIBYTE
