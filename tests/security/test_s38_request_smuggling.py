"""S38: two readers disagree where a request ends, and one of them finds a second one in it.

As in CVE-2024-1135 and CVE-2024-6827. The requests go over sockets to the server as it runs in
production; no database takes part.
"""

from collections.abc import Iterator

import pytest

from security.smuggling import CORPUS, PAIRS, statuses_of
from support.production import production_server
from web.callers import cases


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server in production."""
    with production_server(tmp_path_factory.mktemp("smuggling")) as base_url:
        yield base_url


@cases(CORPUS)
def test_s38_an_ambiguous_request_gets_one_refusal(url: str, case: str) -> None:
    # 501 and 505 are for a transfer coding and a version that the server does not know, 413 for a
    # chunk that is larger than all that it takes.
    assert statuses_of(url, case) in ([400], [413], [501], [505])


@cases(PAIRS)
def test_s38_two_clear_requests_get_two_answers(url: str, case: str) -> None:
    assert len(statuses_of(url, case)) == 2


def test_s38_the_requests_are_many() -> None:
    assert len(set(CORPUS.values())) >= 60
