"""What the service's server asks of an application: sizes, timeouts and nothing special."""

from datetime import timedelta
from types import SimpleNamespace

TIMEOUTS = {
    "MAX_CONTENT_LENGTH": 1024 * 1024,
    "HEAD_TIMEOUT": timedelta(seconds=10),
    "BODY_TIMEOUT": timedelta(seconds=20),
    "RESPONSE_TIMEOUT": timedelta(seconds=20),
    "PATHS_TOUCHING_NOTHING": frozenset(),
    "STOPPING": SimpleNamespace(is_set=False),
}
