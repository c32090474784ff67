"""From environment variables to one frozen, validated `Settings`.

Variables come from the process's environment and from a `.env` file in the working folder;
the environment wins. One pass looks at all of them and reports every bad one at once.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any, cast

from marshmallow import EXCLUDE, Schema, ValidationError

from userapi.config.declarations import declarations_of, fixed_values
from userapi.config.env_file import variables_of
from userapi.config.environments import Environment
from userapi.config.instance import EnvironmentSettings
from userapi.config.settings import Checked, Completed, Problem, Settings, SettingsError
from userapi.kit.text import printable

# From which likeness on one name may be meant for another; 1 is the same.
_CLOSE = 0.82


def load_groups(
    groups: Sequence[type],
    name: str | None = None,
    variables: Mapping[str, str] | None = None,
    *,
    makes_instance: bool = True,
    keeps_problems: bool = False,
) -> Settings:
    """Read these groups of settings for the environment `name`; without one `FLASK_ENV` names it.

    `variables` replaces the process's environment and the `.env` file. Without
    `makes_instance` no file is made for what is not given. Raises `SettingsError` with every
    problem that was found, unless the settings keep them.
    """
    given = _given_texts(_process_variables() if variables is None else variables)
    if name:
        given["FLASK_ENV"] = name
    environment = _environment(given)
    problems: list[Problem] = []
    loaded = tuple(_load_group(group, environment, given, problems) for group in groups)
    settings = Settings(
        environment=environment,
        groups=loaded,
        makes_instance=makes_instance,
        warnings=tuple(f"the variable {name} {hint}" for name, hint in _misspelt(given, groups)),
    )
    _check(settings, problems)
    if problems and not keeps_problems:
        raise SettingsError([*problems, *_misspelt(given, groups)])
    return replace(
        settings,
        problems=tuple(problems),
        groups=tuple(
            group.completed(settings) if isinstance(group, Completed) else group for group in loaded
        ),
    )


def _process_variables() -> dict[str, str]:
    return {**variables_of(Path(".env")), **os.environ}


def _misspelt(given: Mapping[str, str], groups: Sequence[type]) -> Iterator[Problem]:
    """Yield each variable that is none of ours, and all but spelt like one."""
    ours = {
        declared.variable_in(environment)
        for group in groups
        for _, declared in declarations_of(group)
        for environment in Environment
    }
    for name in sorted(given.keys() - ours):
        for meant in get_close_matches(name.upper(), ours, n=1, cutoff=_CLOSE):
            yield Problem(printable(name), f"is not read; did you mean {meant}?")


def _given_texts(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that are not empty, without surrounding blanks."""
    stripped = {name: text.strip() for name, text in variables.items()}
    return {name: text for name, text in stripped.items() if text}


def _environment(given: Mapping[str, str]) -> Environment:
    """Return the environment; a name that is none is reported with its group."""
    read: EnvironmentSettings = _load_group(EnvironmentSettings, Environment.DEVELOPMENT, given, [])
    return read.environment


def _load_group(
    group: type[Any], environment: Environment, given: Mapping[str, str], problems: list[Problem]
) -> Any:
    """Return the group; what is wrong is added to `problems`, and its default stands in."""
    declared = dict(declarations_of(group))
    schema = Schema.from_dict(
        {name: one.field_in(environment) for name, one in declared.items()}, name=group.__name__
    )
    values = {name: one.value_in(environment) for name, one in declared.items()}
    values |= fixed_values(group, environment)
    try:
        read: dict[str, Any] = schema(unknown=EXCLUDE).load(given)
    except ValidationError as error:
        read = cast("dict[str, Any]", error.valid_data)
        problems += [Problem(key, mends[0]) for key, mends in error.messages_dict.items()]
    return group(**{**values, **read})


def _check(settings: Settings, problems: list[Problem]) -> None:
    for group in settings.groups:
        if isinstance(group, Checked):
            told = {problem.variable for problem in problems}
            problems += [one for one in group.problems(settings) if one.variable not in told]
