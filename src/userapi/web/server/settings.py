"""gunicorn's settings as they are while a process serves."""

from typing import Any

from gunicorn.config import Config


class FixedSettings:
    """The settings of a process that serves, which no longer change.

    gunicorn looks each one up in two steps, thirty times for a request; here it is looked up once.
    """

    def __init__(self, cfg: Config) -> None:
        self._cfg = cfg

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._cfg, name)
        setattr(self, name, value)
        return value
