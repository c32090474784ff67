"""What a manifest names is its feature's own."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

import userapi
from support.applications import application, settings_for_testing
from userapi.container import Feature
from userapi.features import FEATURES

SOURCE = Path(str(userapi.__file__)).parent
NAMES = {feature.name for feature in FEATURES}
each_feature = pytest.mark.parametrize("feature", FEATURES, ids=lambda it: it.name)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application that never reaches its database."""
    folder = tmp_path_factory.mktemp("manifests")
    with application(settings_for_testing(f"sqlite:///{folder}/none.sqlite3", folder)) as app:
        yield app


def origins(tree: ast.Module) -> dict[str, str]:
    """Return from which module each imported name comes."""
    return {
        alias.asname or alias.name: str(node.module)
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def named_by_the_manifest(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield each name that `Feature(...)` is given, after the argument where it stands."""
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "Feature":
            for keyword in call.keywords:
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Name):
                        yield str(keyword.arg), node.id


def objects_of(feature: Feature) -> Iterator[tuple[str, object]]:
    """Yield what the manifest names and has a module, after the argument where it stands."""
    several = {
        "models": feature.models,
        "settings": feature.settings,
        "commands": [it.callback for it in feature.commands if it.callback is not None],
        "purges": [it for purge in feature.purges for it in (purge.delete, purge.count)],
        "jobs": [handler.run for handler in feature.jobs],
        "checks": feature.checks,
    }
    yield "build", feature.build
    yield "init", feature.init
    if feature.events is not None:
        yield "events", feature.events
    for argument, objects in several.items():
        for it in objects:
            yield argument, it


@each_feature
def test_a_manifest_imports_what_it_names_from_its_own_feature(feature: Feature) -> None:
    tree = ast.parse((SOURCE / feature.name / "feature.py").read_text(encoding="utf-8"))
    modules = origins(tree)

    foreign = [
        f"{feature.name}/feature.py: {argument} names {name} of {modules[name]}"
        for argument, name in named_by_the_manifest(tree)
        if name in modules and modules[name].split(".")[1] in NAMES - {feature.name}
    ]

    assert foreign == []


@each_feature
def test_what_a_manifest_names_is_defined_in_its_own_feature(feature: Feature) -> None:
    foreign = [
        f"{feature.name}/feature.py: {argument} names {it} of {it.__module__}"
        for argument, it in objects_of(feature)
        if not it.__module__.startswith((f"userapi.{feature.name}.", "userapi.container"))
    ]

    assert foreign == []


@each_feature
def test_a_blueprint_serves_views_of_its_own_feature(app: Flask, feature: Feature) -> None:
    blueprint = feature.blueprint.name if feature.blueprint else None

    foreign = [
        f"{feature.name}/feature.py: blueprint serves {view.__qualname__} of {view.__module__}"
        for endpoint, function in app.view_functions.items()
        if endpoint.split(".")[0] == blueprint
        for view in [getattr(function, "view_class", function)]
        if not view.__module__.startswith(f"userapi.{feature.name}.")
    ]

    assert foreign == []
