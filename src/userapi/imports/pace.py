"""How a command hurries that has a million rows to go through."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

_SWITCH_SECONDS = 0.0005


@contextmanager
def hurried() -> Iterator[None]:
    """Collect garbage only where the block tells to: hardly any of its rows makes some.

    And let the thread that talks with the database go on as soon as that has answered.
    """
    interval, was_enabled = sys.getswitchinterval(), gc.isenabled()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(_SWITCH_SECONDS)
    try:
        yield
    finally:
        sys.setswitchinterval(interval)
        if was_enabled:
            gc.enable()
