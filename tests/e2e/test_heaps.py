"""How many heaps the threads of a process that answers have."""

import itertools
import os
import platform
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from support.paths import LOGIN
from support.processes import children_of, client_of, live_server

pytestmark = [
    pytest.mark.any_database,
    pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="no other library has such heaps"),
]

HEAP = 64 * 2**20
"""glibc gives a thread's heap so many addresses, from a multiple of them on."""

MAPPING = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) (\S+) 0+ 00:00 0\s*$")
LOGINS = 16


def heaps_of(database_url: str, folder: Path, **variables: str) -> int:
    """Return how many heaps beside its own a process has whose threads have all worked."""
    before = children_of(os.getpid())
    with live_server(database_url, folder, workers=1, **variables) as url:
        (server,) = set(children_of(os.getpid())) - set(before)
        with client_of(url) as client, ThreadPoolExecutor(LOGINS) as people:
            body = {"email": "nobody@example.com", "password": "a wrong password"}
            list(people.map(lambda _: client.post(LOGIN, json=body), range(LOGINS)))
        return heaps_in(Path(f"/proc/{children_of(server)[-1]}/maps"))


def heaps_in(maps: Path) -> int:
    """Return how many heaps of threads are mapped: a used part, and what is kept for it."""
    found = [MAPPING.match(line) for line in maps.read_text().splitlines()]
    parts = [(int(each[1], 16), int(each[2], 16), each[3]) for each in found if each]
    return sum(
        used == "rw-p" and begin % HEAP == 0 and kept == "---p" and end == begin + HEAP
        for (begin, _, used), (_, end, kept) in itertools.pairwise(parts)
    )


def test_threads_share_one_heap(database_url: str, tmp_path: Path) -> None:
    assert heaps_of(database_url, tmp_path) == 0


def test_who_wants_more_has_more(database_url: str, tmp_path: Path) -> None:
    assert heaps_of(database_url, tmp_path, MALLOC_ARENA_MAX="4") > 1
