"""Flask as this service needs it: what it has found out of a function stays found out."""

from functools import lru_cache
from typing import Any

from flask import Flask

from userapi.web.output import JSONWriter

_FUNCTIONS = 1_000
"""More than the hooks, views and handlers of an application."""


class Application(Flask):
    """The service's Flask. It has no key for cookies: nothing is kept in sessions of theirs."""

    json_provider_class = JSONWriter

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Flask looks at each hook of each request for being a coroutine.
        self.ensure_sync = lru_cache(_FUNCTIONS)(super().ensure_sync)  # type: ignore[method-assign]
