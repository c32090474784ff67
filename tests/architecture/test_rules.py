"""House rules that imports cannot show, read off the syntax trees of the source."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import userapi
from userapi.db.base import Base
from userapi.features import FEATURES

SOURCE = Path(str(userapi.__file__)).parent
MODULES = sorted(SOURCE.rglob("*.py"))
FOLDERS = sorted(module.parent.name for module in SOURCE.glob("*/feature.py"))
FILES_OF_A_FEATURE = {
    "feature",
    "commands",
    "resources",
    "schemas",
    "service",
    "policy",
    "repository",
    "statements",
    "records",
    "models",
    "errors",
    "settings",
}
"""What `docs/architecture.md` has a question for; any other file is pure."""
SIDES = {"codec", "database_store", "http", "redis_store", "store"}
"""Files that are there to speak to a library: how tokens are signed, what a concern does over HTTP,
and where it counts."""

Finder = Callable[[ast.AST], bool]


def name_of(module: Path) -> str:
    return module.relative_to(SOURCE).as_posix()


def services_of(feature: str) -> list[Path]:
    """Return `service.py`, or the files of `services/`."""
    folder = SOURCE / feature
    return [*folder.glob("service.py"), *folder.glob("services/*.py")]


def trees() -> Iterator[tuple[str, ast.Module]]:
    for module in MODULES:
        yield name_of(module), ast.parse(module.read_text(encoding="utf-8"))


def modules_with(finder: Finder) -> set[str]:
    return {name for name, tree in trees() if any(finder(node) for node in ast.walk(tree))}


def calls_method(*names: str) -> Finder:
    return lambda node: (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in names
    )


def reads_attribute(owner: str, *names: str) -> Finder:
    return lambda node: (
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == owner
        and node.attr in names
    )


def imports_name(module: str, *names: str) -> Finder:
    return lambda node: (
        isinstance(node, ast.ImportFrom)
        and node.module == module
        and any(alias.name in names for alias in node.names)
    )


def imported_modules(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_every_feature_is_listed_once_under_its_folders_name() -> None:
    assert sorted(it.name for it in FEATURES) == FOLDERS


def test_every_model_is_named_by_its_features_manifest() -> None:
    named = [model for feature in FEATURES for model in feature.models]
    mapped = {mapper.class_ for mapper in Base.registry.mappers}

    assert {*named} == {it for it in mapped if it.__module__.startswith("userapi.")}
    assert len(named) == len({*named})


def test_only_services_the_unit_of_work_and_purges_commit() -> None:
    committing = modules_with(calls_method("commit"))

    services = {name_of(module) for feature in FOLDERS for module in services_of(feature)}
    assert committing - services == {"db/unit_of_work.py", "kit/batches.py"}


def test_only_the_repository_base_and_held_commits_flush() -> None:
    assert modules_with(calls_method("flush")) == {"db/repository.py", "db/unit_of_work.py"}


def test_only_the_settings_read_the_environment() -> None:
    reading = modules_with(reads_attribute("os", "environ", "getenv", "putenv"))

    assert reading == {"config/inherited.py", "config/loading.py"}


def test_only_the_clock_reads_the_time() -> None:
    reading = modules_with(reads_attribute("datetime", "now", "utcnow", "today"))

    assert reading == {"kit/clock.py"}


def test_only_the_web_layer_knows_the_request() -> None:
    knowing = modules_with(imports_name("flask", "abort", "current_app", "g", "request", "session"))

    outside = {name for name in knowing if not name.startswith("web/")}
    assert outside == {"idempotency/http.py", "rate_limits/http.py"}


def test_relationships_never_load_lazily() -> None:
    for name, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "relationship":
                settings = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert settings.get("lazy") == "'raise'", name
                assert "backref" not in settings, name


@pytest.mark.parametrize("feature", FOLDERS)
def test_a_service_takes_only_repositories_of_its_own_feature_or_below(feature: str) -> None:
    repositories = {
        module.split(".")[1]
        for service in services_of(feature)
        for module in imported_modules(ast.parse(service.read_text(encoding="utf-8")))
        if module.startswith("userapi.") and module.endswith(".repository")
    }

    order = [it.name for it in FEATURES]
    assert repositories <= set(order[: order.index(feature) + 1])


def test_files_with_names_of_their_own_are_pure() -> None:
    frameworks = {"flask", "flask_smorest", "marshmallow", "sqlalchemy", "werkzeug", "webargs"}
    for feature in FOLDERS:
        for module in (SOURCE / feature).glob("*.py"):
            if module.stem not in {*FILES_OF_A_FEATURE, *SIDES, "__init__"}:
                tree = ast.parse(module.read_text(encoding="utf-8"))
                roots = {name.split(".")[0] for name in imported_modules(tree)}
                assert not roots & frameworks, name_of(module)


def test_models_know_no_web_framework() -> None:
    for feature in FOLDERS:
        module = SOURCE / feature / "models.py"
        if module.exists():
            roots = {
                name.split(".")[0]
                for name in imported_modules(ast.parse(module.read_text(encoding="utf-8")))
            }
            assert roots <= {"datetime", "sqlalchemy", "typing", "userapi", "uuid"}, name_of(module)


def test_packages_export_nothing() -> None:
    for name, tree in trees():
        if name.endswith("/__init__.py"):
            assert not imported_modules(tree), name


def test_files_stay_small() -> None:
    long = [
        name_of(module)
        for module in MODULES
        if len(module.read_text(encoding="utf-8").splitlines()) > 250
    ]

    assert long == []
