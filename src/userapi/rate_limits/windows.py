"""What a client may still do, and how the headers tell it.

After draft-ietf-httpapi-ratelimit-headers-11: a list with an item for each window.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_ITEM = r'"[a-z0-9-]+";{}=[0-9]+;{}=[0-9]+'


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What may still be done in a current window; times are in seconds.

    `is_refused`: what was asked for costs more than is left, and was not counted.
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


def told_limits(windows: Iterable[Window]) -> str:
    """Return what `RateLimit` tells of these windows."""
    return ", ".join(f'"{it.name}";r={it.remaining};t={it.seconds_left}' for it in windows)


def told_policies(windows: Iterable[Window]) -> str:
    """Return what `RateLimit-Policy` tells of these windows."""
    return ", ".join(f'"{it.name}";q={it.quota};w={it.seconds}' for it in windows)


def pattern_of(*parameters: str) -> str:
    """Return the pattern of a list of items with these two parameters."""
    item = _ITEM.format(*parameters)
    return f"^{item}(, {item})*$"


def seconds_until_free(windows: Iterable[Window]) -> int:
    """Return how long what was refused has to wait; 0 when nothing was refused."""
    return max((window.seconds_left for window in windows if window.is_refused), default=0)
