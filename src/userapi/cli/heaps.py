"""The memory that the threads of a process take from the system."""

import contextlib
import ctypes

from userapi.config.inherited import has_heap_limit

_ARENA_MAX = -8
"""The limit's number for `mallopt(3)`."""


def share_one_heap() -> None:
    """Have all threads that are started afterwards take memory from the process's one heap.

    glibc would give each of the first of them a heap of its own, of which every one keeps pages
    that others could use: a process would never stop to grow. Other C libraries have no such
    limit; who sets MALLOC_ARENA_MAX has what that says.
    """
    if has_heap_limit():
        return
    with contextlib.suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, 1)
