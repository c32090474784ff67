"""When a job that failed is tried again, and when no more."""

import random
from datetime import timedelta

FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=1)
JITTER = 0.2
"""By how much of it a wait may be shorter, so that not all come back at once."""

MAX_ATTEMPTS = 34
"""How often a job is tried; the last time is about a day after the first."""


def longest_wait_after(attempts: int) -> timedelta:
    """Return how long a job waits at most that has failed so often: 30 s, 1 min, ... 1 hour."""
    doublings = min(attempts - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def wait_after(attempts: int) -> timedelta:
    """Return how long a job waits that has failed so often; it differs from job to job."""
    return longest_wait_after(attempts) * random.uniform(1 - JITTER, 1)  # noqa: S311 - no secret
