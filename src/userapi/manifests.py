"""What must hold for the manifests, before anything is built from them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column

from userapi.config.declarations import declarations_of
from userapi.config.environments import Environment
from userapi.config.groups import CORE_GROUPS
from userapi.container import Feature, WiringError
from userapi.web.blueprint import Blueprint

_PARAMETER = re.compile(r"<[^>]*>")
_OUR_PAGES = (
    "/",
    "/openapi.json",
    "/openapi.yaml",
    "/docs",
    "/docs/",
    "/docs/errors",
    "/docs/assets/<name>",
)
"""What `web.docs` serves."""

_COLUMNS_OF_USERS = {"user_id", "author_id", "owner_id", "actor_id", "edited_by"}
"""What columns are called that hold the ids of users, also where they are no foreign keys."""

_Name = tuple[str, str]  # what it names, and the name


def ensure_sound(feature: Feature) -> None:
    """Raise `WiringError` where the manifest names what is none, or what is not there."""
    for group in feature.settings:
        _ensure_declared(feature, group)
    branch = feature.migrations
    if branch is not None and not branch.folder.is_dir():
        message = (
            f"the feature {feature.name}: there is no folder {branch.folder} for its migrations; "
            "make it, or correct MigrationBranch(...) in the manifest"
        )
        raise WiringError(message)


def _ensure_declared(feature: Feature, group: type) -> None:
    try:
        list(declarations_of(group))
    except (TypeError, KeyError):
        message = (
            f"the feature {feature.name}: {getattr(group, '__name__', group)} is no group of "
            "settings; decorate it with @settings_group and declare each of its fields"
        )
        raise WiringError(message) from None


def ensure_personal_data(feature: Feature) -> None:
    """Raise `WiringError` where a table has ids of users, and no personal data tells what becomes.

    Otherwise what it keeps of a person would be in no export, and outlive the account.
    """
    told = {table for data in feature.personal_data for table in data.tables}
    for model in feature.models:
        table = model.metadata.tables[model.__tablename__]
        names = [column.name for column in table.columns if _holds_users(column)]
        if names and table.name not in told:
            message = (
                f"the feature {feature.name}: the table {table.name} has ids of users "
                f"({', '.join(names)}); name it in PersonalData(...) of the manifest, with how it "
                "is exported and erased"
            )
            raise WiringError(message)


def _holds_users(column: Column[Any]) -> bool:
    refers = any(key.target_fullname == "users.id" for key in column.foreign_keys)
    return refers or column.name in _COLUMNS_OF_USERS


def ensure_own_branch(feature: Feature) -> None:
    """Raise `WiringError` where a feature of another package has tables, and no migrations."""
    if feature.models and feature.migrations is None:
        tables = ", ".join(feature.tables())
        message = (
            f"the feature {feature.name} has tables and no migrations that make them ({tables}); "
            "name the folder of its branch: migrations=MigrationBranch(label, folder)"
        )
        raise WiringError(message)


def ensure_distinct(features: Iterable[Feature]) -> None:
    """Raise `WiringError` where two features bring what can be there only once."""
    owners = dict.fromkeys(_names_of_no_feature(), "userapi")
    for feature in features:
        for what, name in _names_of(feature):
            owner = owners.get((what, name))
            if owner is not None:
                both = _both(owner, feature.name)
                message = f"{both} bring the {what} {name}; change it in one of them"
                raise WiringError(message)
            owners[what, name] = feature.name


def _both(one: str, other: str) -> str:
    if one == other:
        return f"two parts of the feature {one}"
    return f"the features {one} and {other} both"


def _names_of_no_feature() -> Iterator[_Name]:
    yield from _names_of_settings(CORE_GROUPS)
    yield "blueprint", "docs"
    for path in _OUR_PAGES:
        yield "path", _shape("GET", path)


def _names_of(feature: Feature) -> Iterator[_Name]:
    if feature.migrations is not None:
        yield "branch of migrations", feature.migrations.label
    for table in feature.tables():
        yield "table", table
    for command in feature.commands:
        yield "command", str(command.name)
    for event in feature.events or ():
        yield "event", event.value
    for page in feature.pages:
        yield "path", _shape("GET", page)
    yield from _names_of_parts(feature)
    yield from _names_of_settings(feature.settings)
    if feature.blueprint is not None:
        yield from _names_of_blueprint(feature.blueprint)


def _names_of_parts(feature: Feature) -> Iterator[_Name]:
    for purge in feature.purges:
        yield "purge", purge.name
    for data in feature.personal_data:
        yield "personal data", data.name
    for handler in feature.jobs:
        yield "handler of jobs of the kind", handler.kind


def _names_of_settings(groups: Sequence[type]) -> Iterator[_Name]:
    for group in groups:
        for _, declared in declarations_of(group):
            for variable in sorted({declared.variable_in(each) for each in Environment}):
                yield "setting", variable


def _names_of_blueprint(blueprint: Blueprint) -> Iterator[_Name]:
    yield "blueprint", blueprint.name
    for route in blueprint.routes:
        yield "path", _shape(route.method, route.path)
        if route.operation.operation_id is not None:
            yield "operationId", route.operation.operation_id


def _shape(method: str, path: str) -> str:
    """Return what requests tell routes apart by: not the parameters' names and converters."""
    return f"{method} {_PARAMETER.sub('{}', path)}"
