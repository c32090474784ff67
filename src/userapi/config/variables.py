"""One variable of the environment: its name, how its text is read, and its defaults."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, Required, TypedDict

from marshmallow import ValidationError, fields

from userapi.config.environments import Environment


class _Required(Enum):
    REQUIRED = auto()


REQUIRED: Final = _Required.REQUIRED
"""In place of a default: the variable must be set."""

_Default = str | int | _Required


class Options(TypedDict, total=False):
    """What every declaration takes: the help is one or more sentences.

    `default` holds unless there is another for the environment, and none means that nothing is
    set. `testing_variable` takes the variable's place in testing. `hint` is told where the
    variable is missing. `in_compose` is false for what compose.yaml sets itself or must not set.
    """

    help: Required[str]
    default: str | int
    testing: _Default
    production: _Default
    testing_variable: str
    hint: str
    in_compose: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One variable: how its text is read, what it may be, and its defaults.

    `values` says for people what may be given; `empty` is the value where nothing is.
    """

    variable: str
    parse: Callable[[str], Any]
    values: str
    options: Options
    empty: Any = ""

    def variable_in(self, environment: Environment) -> str:
        """Return the variable that is read in that environment."""
        other = self.options.get("testing_variable")
        return other if other and environment is Environment.TESTING else self.variable

    def default_in(self, environment: Environment) -> str:
        """Return the text that stands in where nothing is given; empty where nothing does."""
        chosen = self._chosen_in(environment)
        return "" if chosen is REQUIRED else _as_text(chosen)

    def is_required_in(self, environment: Environment) -> bool:
        """Say whether the environment cannot do without."""
        return self._chosen_in(environment) is REQUIRED

    def value_in(self, environment: Environment) -> Any:
        """Return the value where nothing is given."""
        text = self.default_in(environment)
        return self.parse(text) if text else self.empty

    def field_in(self, environment: Environment) -> fields.Field[Any]:
        """Return the variable's field in the schema of its group."""
        data_key = self.variable_in(environment)
        if self.is_required_in(environment):
            missing = f"must be set in {environment}{self.options.get('hint', '')}"
            return _VariableField(
                self.parse, data_key=data_key, required=True, error_messages={"required": missing}
            )
        return _VariableField(
            self.parse, data_key=data_key, load_default=self.value_in(environment)
        )

    def _chosen_in(self, environment: Environment) -> _Default:
        by_environment: Mapping[Environment, _Default | None] = {
            Environment.TESTING: self.options.get("testing"),
            Environment.PRODUCTION: self.options.get("production"),
        }
        chosen = by_environment.get(environment)
        return self.options.get("default", "") if chosen is None else chosen


class _VariableField(fields.Field[Any]):
    """A field whose text a function reads."""

    def __init__(self, parse: Callable[[str], Any], **options: Any) -> None:
        super().__init__(**options)
        self._parse = parse

    def _deserialize(self, value: str, *_: Any, **__: Any) -> Any:
        try:
            return self._parse(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def _as_text(default: str | int | _Required) -> str:
    return str(default).lower() if isinstance(default, bool) else str(default)
