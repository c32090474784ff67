"""What a client may still do, and how the headers tell it.

After draft-ietf-httpapi-ratelimit-headers-11: a list with an item for each window.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_ITEM = r'"[a-z0-9-]+";{}=[0-9]+;{}=[0-9]+'
_LIMIT = '"{0.name}";r={0.remaining};t={0.seconds_left}'
_POLICY = '"{0.name}";q={0.quota};w={0.seconds}'


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What may still be done in a current window; times are in seconds.

    `is_refused`: what was asked for costs more than is left.
    """

    name: str
    quota: int
    seconds: int
    remaining: int
    seconds_left: int
    is_refused: bool = False

    @property
    def pressure(self) -> tuple[bool, float]:
        """How near the window is to its end: the greater, the nearer."""
        return self.is_refused, -self.remaining / self.quota


def most_pressing_first(windows: Iterable[Window]) -> list[Window]:
    """Return the windows in the order in which a client has to mind them."""
    return sorted(windows, key=lambda window: window.pressure, reverse=True)


def limits_header(windows: Iterable[Window]) -> str:
    """Return the value of `RateLimit` for these windows."""
    return ", ".join(_LIMIT.format(window) for window in windows)


def policies_header(windows: Iterable[Window]) -> str:
    """Return the value of `RateLimit-Policy` for these windows."""
    return ", ".join(_POLICY.format(window) for window in windows)


def pattern_of(*parameters: str) -> str:
    """Return the pattern of a list of items with these two parameters."""
    item = _ITEM.format(*parameters)
    return f"^{item}(, {item})*$"


def seconds_until_free(windows: Iterable[Window]) -> int:
    """Return how long what was refused has to wait; 0 when nothing was refused."""
    return max((window.seconds_left for window in windows if window.is_refused), default=0)
