"""What is wrong with manifests, and where two of them clash, is told before anything is built."""

import dataclasses
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from flask.views import MethodView

from userapi import features
from userapi.app import build_app
from userapi.cli.commands import all_commands
from userapi.config.declarations import integer, settings_group, text
from userapi.container import Feature, MigrationBranch, Purge, WiringError
from userapi.features import FEATURES, all_features
from userapi.kit.jobs import JobHandler, does_nothing
from userapi.kit.personal_data import PersonalData, keep
from userapi.manifests import ensure_personal_data
from userapi.posts.events import PostEvent
from userapi.posts.models import Post
from userapi.web.blueprint import Blueprint


@pytest.fixture(autouse=True)
def nothing_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(features, "entry_points", lambda **_: [])


def serving(path: str, name: str = "notes", operation_id: str = "list_notes") -> Blueprint:
    """Return a blueprint with one operation."""
    blp = Blueprint("notes", url_prefix="", description="Notes.")
    blp.name = name  # Flask looks for a module of the first name, and tests have folders of ours

    class Notes(MethodView):
        @blp.response(204)
        @blp.doc(operationId=operation_id)
        def get(self, **ids: int) -> None:
            """Answer nothing."""

    blp.route(path)(Notes)
    return blp


@settings_group("Doors")
class DoorSettings:
    port: int = integer("PORT", default=1, minimum=1, maximum=9, help="Which door.")


@settings_group("Locks")
class LockSettings:
    lock: int = integer("LOGIN_MAX_FAILURES", default=1, minimum=1, maximum=9, help="Which lock.")


@settings_group("Stores")
class StoreSettings:
    store: str = text("TEST_DATABASE_URL", default="here", help="Which store.")


def delete_nothing(_: object) -> int:
    return 0


def count_nothing() -> int:
    return 0


@pytest.mark.parametrize(
    ("brought", "told"),
    [
        ({"commands": [click.Command("keys")]}, "tokens and notes both bring the command keys"),
        ({"commands": [click.Command("db")]}, "userapi and notes both bring the command db"),
        ({"events": PostEvent}, "posts and notes both bring the event post:created"),
        (
            {"purges": [Purge("ended sessions", delete_nothing, count_nothing)]},
            "sessions and notes both bring the purge ended sessions",
        ),
        ({"settings": [DoorSettings]}, "userapi and notes both bring the setting PORT"),
        (
            {"settings": [LockSettings]},
            "throttling and notes both bring the setting LOGIN_MAX_FAILURES",
        ),
        (
            {"settings": [StoreSettings]},
            "userapi and notes both bring the setting TEST_DATABASE_URL",
        ),
        (
            {"models": [Post], "migrations": MigrationBranch("notes", Path())},
            "posts and notes both bring the table posts",
        ),
        (
            {"blueprint": serving("/notes", name="posts")},
            "posts and notes both bring the blueprint posts",
        ),
        (
            {"blueprint": serving("/notes", name="docs")},
            "userapi and notes both bring the blueprint docs",
        ),
        (
            {"blueprint": serving("/api/v1/posts/<int:number>")},
            "posts and notes both bring the path GET /api/v1/posts/{}",
        ),
        (
            {"blueprint": serving("/notes", operation_id="list_posts")},
            "posts and notes both bring the operationId list_posts",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_another_feature_brings_already_is_refused(brought: dict[str, Any], told: str) -> None:
    notes = Feature(name="notes", **brought)

    with pytest.raises(WiringError) as refused:
        list(all_commands(all_features([notes])))

    assert str(refused.value) == f"the features {told}; change it in one of them"


def test_two_features_with_one_branch_of_migrations_are_refused(tmp_path: Path) -> None:
    branch = MigrationBranch("notes", tmp_path)
    given = [Feature(name="notes", migrations=branch), Feature(name="letters", migrations=branch)]

    with pytest.raises(WiringError, match="notes and letters both bring the branch of migrations"):
        all_features(given)


def test_what_a_feature_brings_twice_is_refused() -> None:
    twice = Feature(name="notes", purges=[Purge("notes", delete_nothing, count_nothing)] * 2)

    with pytest.raises(WiringError, match="two parts of the feature notes bring the purge notes"):
        all_features([twice])


def test_two_handlers_of_one_kind_of_jobs_are_refused() -> None:
    handler = JobHandler(kind="letter", run=does_nothing)
    given = [Feature(name="notes", jobs=[handler]), Feature(name="letters", jobs=[handler])]

    with pytest.raises(WiringError, match="both bring the handler of jobs of the kind letter;"):
        all_features(given)


@pytest.mark.any_database
def test_a_page_cannot_be_served_by_another_feature(own_app: Flask) -> None:
    blueprints = {feature.blueprint.name for feature in FEATURES if feature.blueprint}
    pages = [
        rule.rule
        for rule in own_app.url_map.iter_rules()
        if rule.endpoint.split(".")[0] not in blueprints
    ]

    assert len(pages) > 3
    for page in pages:
        with pytest.raises(WiringError, match="notes both bring the path GET"):
            all_features([Feature(name="notes", blueprint=serving(page))])


def test_an_application_is_not_built_from_features_that_clash() -> None:
    shadow = Feature(name="shadow", blueprint=serving("/api/v1/posts/<id:post_id>"))

    with pytest.raises(WiringError, match="posts and shadow both bring the path"):
        build_app("testing", features=[shadow])


def test_features_that_do_not_clash_are_taken(tmp_path: Path) -> None:
    notes = Feature(
        name="notes",
        commands=[click.Command("notes")],
        purges=[Purge("old notes", delete_nothing, count_nothing)],
        blueprint=serving("/api/v1/posts/<id:post_id>/notes"),
        migrations=MigrationBranch("notes", tmp_path),
    )

    assert all_features([notes]) == (*FEATURES, notes)


@pytest.mark.parametrize("name", ["", " "])
def test_a_feature_needs_a_name(name: str) -> None:
    with pytest.raises(WiringError, match=r"create_app\(.*\): the feature has no name; give it"):
        all_features([Feature(name=name)])


def test_two_features_with_one_name_are_told_with_their_places() -> None:
    expected = r"two features have the name posts, of userapi and of create_app\(features=...\)"
    with pytest.raises(WiringError, match=expected):
        all_features([Feature(name="posts")])


def test_the_same_manifest_may_be_given_twice() -> None:
    notes = Feature(name="notes")

    assert all_features([notes, notes]) == (*FEATURES, notes)


def test_tables_without_migrations_are_refused() -> None:
    expected = r"the feature notes has tables and no migrations that make them \(posts\); name"
    with pytest.raises(WiringError, match=expected):
        all_features([Feature(name="notes", models=[Post])])


def test_a_missing_folder_of_migrations_is_refused_and_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "versions"

    with pytest.raises(WiringError, match=f"the feature notes: there is no folder {missing} for"):
        all_features([Feature(name="notes", migrations=MigrationBranch("notes", missing))])

    assert not missing.exists()


class Plain:
    """No group of settings."""


@dataclasses.dataclass
class Undeclared:
    """A dataclass whose field is no declaration."""

    length: int = 1


@pytest.mark.parametrize("group", [Plain, Undeclared])
def test_settings_that_are_no_declaration_are_refused(group: type) -> None:
    expected = f"the feature notes: {group.__name__} is no group of settings; decorate it with"
    with pytest.raises(WiringError, match=expected):
        all_features([Feature(name="notes", settings=[group])])


@pytest.mark.parametrize("told", [(), ("letters",)])
def test_a_table_with_ids_of_users_is_refused_without_what_becomes_of_them(
    told: tuple[str, ...],
) -> None:
    data = PersonalData(name="notes", tables=told, export=None, erase=keep)
    notes = Feature(name="notes", models=[Post], personal_data=[data])

    with pytest.raises(
        WiringError, match=r"notes: the table posts has ids of users \(author_id, edited_by\)"
    ):
        ensure_personal_data(notes)


def test_a_table_that_is_named_is_let_in() -> None:
    data = PersonalData(name="notes", tables=("posts",), export=None, erase=keep)

    ensure_personal_data(Feature(name="notes", models=[Post], personal_data=[data]))
