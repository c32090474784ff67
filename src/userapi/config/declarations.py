"""How a setting is declared: as a field of its group, with all that is to be known of it.

    @settings_group("Sessions")
    class SessionSettings:
        idle_lifetime: timedelta = seconds(
            "SESSION_IDLE_EXPIRES", default=7 * ONE_DAY, help="After how long a session ends."
        )

Loading, checking, messages, `.env.example`, the table in docs/configuration.md and the environment
of compose.yaml follow from that. Nothing is read here: a feature may import this module.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeVar, Unpack, dataclass_transform

from userapi.config import outgoing, parsing
from userapi.config.environments import Environment
from userapi.config.origins import as_header_names, as_origins
from userapi.config.variables import Declaration, Options

ONE_DAY: Final = 24 * 3600
_ONE_YEAR = 365 * ONE_DAY
_DECLARED = "declared"
_TITLE = "settings_title"
_Group = TypeVar("_Group")


@dataclass(frozen=True, slots=True)
class _Fixed:
    default: Any
    testing: Any


@dataclass_transform(frozen_default=True, kw_only_default=True)
def settings_group(title: str) -> Callable[[type[_Group]], type[_Group]]:
    """Make a class a group of settings: a frozen dataclass, under that title in the documentation.

    A group may also have `problems(settings)`, checks across its own fields and other groups
    (`config.settings.Checked`), and `completed(settings)`, which fills in what depends on other
    groups (`config.settings.Completed`).
    """

    def make(group: type[_Group]) -> type[_Group]:
        made = dataclass(frozen=True, slots=True, kw_only=True)(group)
        setattr(made, _TITLE, title)
        return made

    return make


def title_of(group: type) -> str:
    """Return the group's title."""
    title: str = getattr(group, _TITLE)
    return title


def declarations_of(group: type) -> Iterator[tuple[str, Declaration]]:
    """Yield the names of a group's fields with what they are read from, in their order."""
    for field in dataclasses.fields(group):
        declared = field.metadata[_DECLARED]
        if isinstance(declared, Declaration):
            yield field.name, declared


def fixed_values(group: type, environment: Environment) -> dict[str, Any]:
    """Return the values of a group that no variable sets."""
    fixed = {field.name: field.metadata[_DECLARED] for field in dataclasses.fields(group)}
    return {
        name: value.testing if environment is Environment.TESTING else value.default
        for name, value in fixed.items()
        if isinstance(value, _Fixed)
    }


def fixed(*, default: Any, testing: Any) -> Any:
    """Declare a value that only the environment decides, no variable."""
    return dataclasses.field(metadata={_DECLARED: _Fixed(default, testing)})


def text(variable: str, **options: Unpack[Options]) -> Any:
    """Declare any text."""
    return _field(variable, str, "any text", options)


def integer(variable: str, *, minimum: int, maximum: int, **options: Unpack[Options]) -> Any:
    """Declare a whole number in that range."""
    return _field(
        variable, parsing.as_integer(minimum, maximum), f"{minimum} to {maximum}", options
    )


def seconds(
    variable: str, *, minimum: int = 1, maximum: int = _ONE_YEAR, **options: Unpack[Options]
) -> Any:
    """Declare a duration in whole seconds, from one second to one year if not told otherwise."""
    parse = parsing.as_duration("seconds", minimum, maximum)
    return _field(variable, parse, f"{minimum} to {maximum} seconds", options)


def days(variable: str, *, minimum: int, maximum: int, **options: Unpack[Options]) -> Any:
    """Declare a duration in whole days."""
    parse = parsing.as_duration("days", minimum, maximum)
    return _field(variable, parse, f"{minimum} to {maximum} days", options)


def choice(variable: str, choices: Iterable[str], **options: Unpack[Options]) -> Any:
    """Declare one of `choices`, in any case."""
    names = tuple(choices)
    listed = f"{', '.join(names[:-1])} or {names[-1]}"
    return _field(variable, parsing.as_choice(names), listed, options)


def boolean(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a truth value."""
    return _field(variable, parsing.as_boolean, "true or false", options)


def path(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the path of what may not exist yet; the value is absolute."""
    return _field(variable, parsing.as_path, "a path", options)


def folder(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a folder that must exist, or None; the value is absolute."""
    return _field(variable, parsing.as_folder, "a folder that exists", options, empty=None)


def prefix(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a path prefix, or none."""
    return _field(variable, parsing.as_prefix, "a path such as /auth", options)


def origins(variable: str, **options: Unpack[Options]) -> Any:
    """Declare web origins, as a tuple."""
    return _field(
        variable,
        as_origins,
        "*, or origins such as https://app.example.com or capacitor://localhost, with commas",
        options,
        empty=(),
    )


def header_names(variable: str, **options: Unpack[Options]) -> Any:
    """Declare names of headers, as a tuple."""
    return _field(variable, as_header_names, "names of headers, with commas", options, empty=())


def base_url(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the URL below which something is; the value has no slash at its end."""
    return _field(variable, outgoing.as_base_url, "a URL such as https://api.example.com", options)


def web_url(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the URL of a page, or none."""
    values = "a URL such as https://app.example.com/reset"
    return _field(variable, outgoing.as_web_url, values, options)


def host(variable: str, example: str, **options: Unpack[Options]) -> Any:
    """Declare the name or the address of a host."""
    return _field(variable, outgoing.as_host(example), f"a host such as {example}", options)


def mail_address(variable: str, **options: Unpack[Options]) -> Any:
    """Declare an e-mail address."""
    return _field(variable, outgoing.as_mail_address, "one e-mail address", options)


def short_name(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a name of one short line."""
    return _field(variable, outgoing.as_short_name, "a short name", options)


def colour(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a colour that can be read on white."""
    return _field(variable, outgoing.as_colour, "a dark colour such as #1a5fb4", options)


def subset(variable: str, choices: Iterable[str], **options: Unpack[Options]) -> Any:
    """Declare some of `choices`, or none, as a tuple."""
    names = tuple(choices)
    values = f"some of {', '.join(names)}, with commas"
    return _field(variable, parsing.as_subset(names), values, options, empty=())


def file(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a file that must exist, or None; the value is absolute."""
    return _field(variable, parsing.as_file, "a file that exists", options, empty=None)


def rate(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a rate limit in the notation of the library `limits`."""
    return _field(variable, parsing.as_rate, "one limit, such as 10/minute", options)


def rates(variable: str, **options: Unpack[Options]) -> Any:
    """Declare one rate limit or several, which hold together, in the library's notation."""
    values = "one limit or several, such as 10/second; 1000/hour"
    return _field(variable, parsing.as_rates, values, options)


def secret(variable: str, **options: Unpack[Options]) -> Any:
    """Declare a secret that nobody may guess; it is never shown."""
    return _hidden_field(variable, parsing.as_secret, "a random text of 32 bytes or more", options)


def hidden_text(variable: str, **options: Unpack[Options]) -> Any:
    """Declare any text that is never shown."""
    return _hidden_field(variable, str, "any text", options)


def database_url(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the URL of a database; it may hold a password, and is never shown."""
    values = "postgresql://user:password@host/database or sqlite:////path/to/file"
    return _hidden_field(variable, parsing.as_database_url, values, options)


def replica_url(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the URL of a replica of PostgreSQL; it may hold a password, and is never shown."""
    values = "postgresql://user:password@host/database"
    return _hidden_field(variable, parsing.as_replica_url, values, options)


def redis_url(variable: str, **options: Unpack[Options]) -> Any:
    """Declare the URL of a Redis; it may hold a password, and is never shown."""
    values = "redis://:password@host:6379/0, or rediss:// for TLS"
    return _hidden_field(variable, parsing.as_redis_url, values, options)


def _field(
    variable: str, parse: Callable[[str], Any], values: str, options: Options, *, empty: Any = ""
) -> Any:
    declared = Declaration(
        variable=variable, parse=parse, values=values, options=options, empty=empty
    )
    return dataclasses.field(metadata={_DECLARED: declared})


def _hidden_field(variable: str, parse: Callable[[str], Any], values: str, options: Options) -> Any:
    declared = Declaration(variable=variable, parse=parse, values=values, options=options)
    return dataclasses.field(repr=False, metadata={_DECLARED: declared})
