"""When what is being done was asked for, and how it waits for its turn."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar

ASKED_AT: ContextVar[float | None] = ContextVar("asked_at", default=None)
"""The moment in which a request was complete, by `time.monotonic`; None where there is none."""

WAITED: ContextVar[float] = ContextVar("waited", default=0.0)
"""For how many seconds its turn was waited for since it began, in queues of this process."""

STEP_ASIDE: ContextVar[Callable[[], AbstractContextManager[None]]] = ContextVar(
    "step_aside", default=nullcontext
)
"""What a thread does while it waits for its turn, so that another one can work meanwhile."""
