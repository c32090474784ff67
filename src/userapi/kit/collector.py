"""The garbage collector while a program is loaded."""

import contextlib
import gc
from collections.abc import Iterator


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Import without the collector, and keep what is there by then out of its sight.

    Modules stay to the end. To go through them again and again while they are made, and whenever
    something is built of them, was a seventh of a start.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if was_enabled:
            gc.enable()
