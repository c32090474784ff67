"""All settings of a process, in frozen groups, and what can be wrong with them."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol, TypeVar, runtime_checkable

import click

from userapi.config.environments import Environment

_Group = TypeVar("_Group")
_log = logging.getLogger(__name__)


class Problem(NamedTuple):
    """What is wrong with a variable; `hint` says what it must be, and never shows the value."""

    variable: str
    hint: str


class SettingsError(click.ClickException):
    """The environment is not fit to start with; `problems` has one sentence per mistake.

    Every command shows it without a traceback.
    """

    def __init__(self, problems: list[Problem]) -> None:
        sentences = [f"{variable}: {hint}" for variable, hint in problems]
        super().__init__("The settings are not valid:\n" + "\n".join(f"  {s}" for s in sentences))
        self.problems = tuple(sentences)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be configured, in groups; times are durations, sizes are bytes.

    Without `makes_instance` no file is made for what is not given. `warnings` are for the operator.
    There are `problems` only where the caller wants settings all the same; defaults stand in.
    """

    environment: Environment
    groups: tuple[object, ...]
    makes_instance: bool = True
    warnings: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def is_production(self) -> bool:
        """Whether the service runs for real."""
        return self.environment is Environment.PRODUCTION

    @property
    def is_testing(self) -> bool:
        """Whether the service runs under tests."""
        return self.environment is Environment.TESTING

    def log_warnings(self) -> None:
        """Write the warnings into the log."""
        for warning in self.warnings:
            _log.warning("%s", warning)

    def of(self, group: type[_Group]) -> _Group:
        """Return the settings of that group; raise `LookupError` where it was not loaded."""
        for loaded in self.groups:
            if isinstance(loaded, group):
                return loaded
        message = f"{group.__name__} is not among the groups of settings that were loaded"
        raise LookupError(message)

    def replace(self, group: type, **changes: Any) -> "Settings":
        """Return these settings with other values in one group."""
        before: Any = self.of(group)
        changed: object = replace(before, **changes)
        return replace(
            self, groups=tuple(changed if type(one) is group else one for one in self.groups)
        )


@runtime_checkable
class Checked(Protocol):
    """A group with checks across its own fields, other groups and the environment."""

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what is wrong.

        In place of what could not be read stands its default. A second problem of a variable
        is not told.
        """
        ...


@runtime_checkable
class Completed(Protocol):
    """A group in which something depends on other groups."""

    def completed(self, settings: Settings) -> object:
        """Return the group made whole; `settings` are without problems, as they were read.

        Raises `SettingsError`.
        """
        ...
