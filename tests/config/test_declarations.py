"""A new setting is one declaration: loading, messages and every text about it follow."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from settings_documents.texts import compose_environment, env_example, tables, with_part
from settings_documents.writing import stale_documents
from userapi.config.declarations import fixed, folder, seconds, secret, settings_group
from userapi.config.groups import CORE_GROUPS, ServerSettings
from userapi.config.instance import EnvironmentSettings
from userapi.config.loading import load_groups
from userapi.config.settings import Problem, Settings, SettingsError
from userapi.config.variables import REQUIRED
from userapi.features import settings_groups


@settings_group("Coffee")
class CoffeeSettings:
    """A group as a feature would have one."""

    brewing: timedelta = seconds(
        "COFFEE_BREWING", default=240, testing=1, maximum=600, help="How long coffee is brewed."
    )


@settings_group("Tea")
class TeaSettings:
    """A group with the rarer kinds of fields."""

    recipe: str = secret("TEA_RECIPE", production=REQUIRED, hint=" by a cook", help="The recipe.")
    leaves: Path | None = folder("TEA_LEAVES", in_compose=False, help="Where the leaves are.")
    cups: int = fixed(default=6, testing=1)

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what goes with coffee only."""
        if settings.of(CoffeeSettings).brewing > timedelta(minutes=5):
            yield Problem("TEA_LEAVES", "must not wait for the coffee")


GROUPS = (*CORE_GROUPS, CoffeeSettings, TeaSettings)


def load(folder: Path, name: str = "development", **variables: str) -> Settings:
    return load_groups(GROUPS, name, {"INSTANCE_PATH": str(folder), **variables})


def problems_of(folder: Path, name: str = "development", **variables: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        load(folder, name, **variables)
    return caught.value.problems


def test_a_declared_setting_is_loaded(instance: Path) -> None:
    settings = load(instance, COFFEE_BREWING=" 300 ")

    assert settings.of(CoffeeSettings).brewing == timedelta(minutes=5)


@pytest.mark.parametrize(("name", "expected"), [("development", 240), ("testing", 1)])
def test_its_default_may_depend_on_the_environment(
    instance: Path, name: str, expected: int
) -> None:
    assert load(instance, name).of(CoffeeSettings).brewing == timedelta(seconds=expected)


def test_its_mistake_is_told_by_name_among_those_of_other_groups(instance: Path) -> None:
    assert problems_of(instance, COFFEE_BREWING="601", PORT="0") == (
        "PORT: must be a whole number from 1 to 65535",
        "COFFEE_BREWING: must be a whole number of seconds from 1 to 600",
    )


def test_a_check_of_a_group_sees_the_others(instance: Path) -> None:
    assert problems_of(instance, COFFEE_BREWING="301") == (
        "TEA_LEAVES: must not wait for the coffee",
    )


def test_a_variable_with_a_mistake_has_one_message(instance: Path) -> None:
    assert problems_of(instance, COFFEE_BREWING="301", TEA_LEAVES="/nowhere") == (
        "TEA_LEAVES: must be a folder that exists",
    )


def test_what_is_required_is_told_with_its_hint(instance: Path) -> None:
    assert "TEA_RECIPE: must be set in production by a cook" in problems_of(instance, "production")


def test_a_secret_is_neither_in_the_messages_nor_in_the_representation(instance: Path) -> None:
    weak, strong = "hunter22", "q7Wd-3xKp0_ZmVt9RbLc2NfYhGs8JuAe4TiXo6Br"

    assert weak not in str(problems_of(instance, TEA_RECIPE=weak))
    assert strong not in repr(load(instance, TEA_RECIPE=strong))


def test_what_is_not_given_is_empty(instance: Path) -> None:
    settings = load(instance, TEA_LEAVES="  ").of(TeaSettings)

    assert (settings.leaves, settings.recipe) == (None, "")


def test_what_no_variable_sets_depends_on_the_environment(instance: Path) -> None:
    assert load(instance).of(TeaSettings).cups == 6
    assert load(instance, "testing", TEA_CUPS="9").of(TeaSettings).cups == 1


def test_one_value_is_replaced_and_the_rest_stays(instance: Path) -> None:
    before = load(instance)
    after = before.replace(ServerSettings, port=7001)

    assert (before.of(ServerSettings).port, after.of(ServerSettings).port) == (5000, 7001)
    assert after.of(CoffeeSettings) is before.of(CoffeeSettings)


def test_a_group_that_was_not_loaded_is_named(instance: Path) -> None:
    settings = load_groups(CORE_GROUPS, "testing", {"INSTANCE_PATH": str(instance)})

    with pytest.raises(LookupError, match="CoffeeSettings is not among the groups"):
        settings.of(CoffeeSettings)


def test_a_declared_setting_stands_in_the_example_file() -> None:
    assert env_example([CoffeeSettings]).endswith(
        "\n\n# How long coffee is brewed. Values: 1 to 600 seconds. Default: 240, in testing 1.\n"
        "COFFEE_BREWING=\n"
    )


def test_a_declared_setting_is_a_row_of_the_documentation() -> None:
    assert tables([CoffeeSettings]).splitlines() == [
        "",
        "**Coffee**",
        "",
        "| variable | default | values | what it is |",
        "|---|---|---|---|",
        (
            "| `COFFEE_BREWING` | `240`, in testing `1` | 1 to 600 seconds "
            "| How long coffee is brewed. |"
        ),
    ]


def test_a_declared_setting_is_handed_on_to_containers_unless_it_must_not() -> None:
    assert compose_environment([TeaSettings, CoffeeSettings]) == (
        "    COFFEE_BREWING: ${COFFEE_BREWING:-}\n    TEA_RECIPE: ${TEA_RECIPE:-}\n"
    )


def test_only_what_is_between_the_markers_is_replaced() -> None:
    page = "a\n# generated by make settings\nold\n# end of what is generated\nz\n"

    assert with_part(page, "new\n") == page.replace("old", "new")


def test_every_text_about_the_settings_is_fresh() -> None:
    assert stale_documents() == [], "run make settings"


def test_no_two_declarations_read_the_same_variable() -> None:
    names = [line for line in env_example(settings_groups()).splitlines() if line[:1].isalpha()]

    assert len(names) == len({name.partition("=")[0] for name in names})


def test_the_environment_is_a_setting_as_well(instance: Path) -> None:
    settings = load(instance, "testing")

    assert settings.of(EnvironmentSettings).environment is settings.environment
