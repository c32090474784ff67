"""Migrations of features beside our own: what is read, and how the database stands to them."""

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from alembic.util import CommandError
from sqlalchemy import Engine, text

from userapi.db.branches import Branch
from userapi.db.migrations import Migrations, SchemaBehind
from userapi.db.revisions import SchemaState

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST = """
revision = "notes_0001"
down_revision = {down}
branch_labels = {labels}
depends_on = {depends}


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
"""
OF_THE_BRANCH = '("notes",)'


def branch(folder: Path, name: str = "notes") -> Branch:
    return Branch(feature=name, label=name, folder=folder, tables=frozenset())


def with_notes(
    engine: Engine,
    folder: Path,
    *,
    down: str = "None",
    labels: str = OF_THE_BRANCH,
    depends: str = '"0001"',
) -> Migrations:
    """Return our migrations with those of notes, of which there is one."""
    script = FIRST.format(down=down, labels=labels, depends=depends)
    (folder / "notes_0001.py").write_text(script, encoding="utf-8")
    return Migrations(engine=engine, branches=[branch(folder)])


def mark(engine: Engine, *revisions: str) -> None:
    """Write into the database that these are its revisions, too."""
    with engine.begin() as connection:
        for revision in revisions:
            connection.execute(
                text("INSERT INTO alembic_version (version_num) VALUES (:one)"), {"one": revision}
            )


def newest(migrations: Migrations) -> str:
    """Return our newest revision."""
    return next(head for head in migrations.heads if head != "notes_0001")


def test_ours_are_behind_even_where_a_feature_was_removed(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade("0009")
    mark(engine, "gone_0001")

    assert migrations.state() is SchemaState.BEHIND
    with pytest.raises(SchemaBehind):
        migrations.ensure_current()


def test_ours_are_current_where_a_feature_was_removed(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade()
    mark(engine, "gone_0001")

    assert migrations.state() is SchemaState.CURRENT


def test_a_feature_is_behind_even_where_ours_are_newer(engine: Engine, tmp_path: Path) -> None:
    migrations = with_notes(engine, tmp_path)
    migrations.upgrade()
    (tmp_path / "notes_0002.py").write_text(
        FIRST.format(down='"notes_0001"', labels=None, depends=None).replace(
            'revision = "notes_0001"', 'revision = "notes_0002"', 1
        ),
        encoding="utf-8",
    )
    with engine.begin() as connection:
        ours = {"one": newest(migrations)}
        connection.execute(text("DELETE FROM alembic_version WHERE version_num = :one"), ours)
    mark(engine, "9999")

    assert Migrations(engine=engine, branches=[branch(tmp_path)]).state() is SchemaState.BEHIND


def test_ours_may_be_newer_where_a_feature_is_current(engine: Engine, tmp_path: Path) -> None:
    migrations = with_notes(engine, tmp_path)
    migrations.upgrade("notes@head")
    mark(engine, "9999")

    assert migrations.state() is SchemaState.NEWER


def test_a_branch_that_depends_on_our_newest_is_current(engine: Engine, tmp_path: Path) -> None:
    head = newest(Migrations(engine=engine))
    migrations = with_notes(engine, tmp_path, depends=f'"{head}"')
    migrations.upgrade(head)

    migrations.upgrade()

    assert migrations.current() == {"notes_0001"}
    assert migrations.state() is SchemaState.CURRENT


def test_taking_a_branch_back_leaves_ours(engine: Engine, tmp_path: Path) -> None:
    head = newest(Migrations(engine=engine))
    migrations = with_notes(engine, tmp_path, depends=f'"{head}"')
    migrations.upgrade(head)
    migrations.upgrade()

    migrations.downgrade("notes@base")

    assert Migrations(engine=engine).current() == {head}
    assert Migrations(engine=engine).state() is SchemaState.CURRENT


def test_a_new_branch_leaves_our_row_in_the_database(engine: Engine, tmp_path: Path) -> None:
    migrations = Migrations(engine=engine, branches=[branch(tmp_path)])
    migrations.upgrade()
    migrations.revise("notes", "notes")

    written = Migrations(engine=engine, branches=[branch(tmp_path)])
    written.upgrade()

    assert len(written.current()) == 2
    assert written.current() == written.heads


def test_a_branch_goes_up_after_ours_and_down_before_them(engine: Engine, tmp_path: Path) -> None:
    migrations = with_notes(engine, tmp_path)
    path = tmp_path / "notes_0001.py"
    needing = path.read_text("utf-8").replace("pass", 'op.execute("SELECT 1 FROM login_throttles")')
    path.write_text(f"from alembic import op\n{needing}", encoding="utf-8")

    migrations.upgrade()
    assert migrations.state() is SchemaState.CURRENT

    migrations.downgrade("base")
    assert migrations.current() == frozenset()


def test_all_can_be_taken_back_twice(engine: Engine, tmp_path: Path) -> None:
    migrations = with_notes(engine, tmp_path)
    migrations.upgrade()

    migrations.downgrade("base")
    migrations.downgrade("base")

    assert migrations.current() == frozenset()


def test_what_is_not_installed_is_told_by_each_command(
    engine: Engine, migrations: Migrations
) -> None:
    migrations.upgrade()
    mark(engine, "gone_0001")

    downgrade, revise = partial(migrations.downgrade, "-1"), partial(migrations.revise, "more")
    runs: tuple[Callable[[], object], ...]
    runs = (migrations.upgrade, downgrade, revise, migrations.print_current, migrations.check)
    for run in runs:
        with pytest.raises(CommandError, match=r"not installed: gone_0001\. Install what"):
            run()


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("def upgrade(:", "cannot be read: SyntaxError: "),
        ("import nowhere", "cannot be read: ModuleNotFoundError: No module named 'nowhere'"),
        (
            'revision, down_revision = "0001", None',
            "cannot be read: UserWarning: Revision 0001 is present more than",
        ),
        (
            FIRST.format(down='"nowhere"', labels=OF_THE_BRANCH, depends=None),
            "cannot be read: UserWarning: Revision nowhere referenced from",
        ),
        (
            FIRST.format(down=None, labels=None, depends=None),
            "no branch of their own; the first one must say: down_revision = None",
        ),
        (
            FIRST.format(down='"0001"', labels=OF_THE_BRANCH, depends=None),
            "no branch of their own; the first one must say: down_revision = None",
        ),
    ],
    ids=["syntax", "import", "twice", "missing", "no-label", "upon-ours"],
)
def test_migrations_that_cannot_be_used_are_told_with_their_feature(
    engine: Engine, tmp_path: Path, script: str, told: str
) -> None:
    (letters := tmp_path / "letters").mkdir()
    (notes := tmp_path / "notes").mkdir()
    (notes / "first.py").write_text(script, encoding="utf-8")
    given = [branch(letters, "letters"), branch(notes)]
    migrations = Migrations(engine=engine, branches=given)

    for run in (migrations.state, migrations.upgrade, migrations.print_history):
        with pytest.raises(CommandError) as refused:
            run()
        assert f"the feature notes: its migrations in {notes}" in str(refused.value)
        assert told in str(refused.value)


def test_a_branch_that_is_not_in_the_database_has_nothing_to_take_back(
    engine: Engine, migrations: Migrations, tmp_path: Path
) -> None:
    migrations.upgrade()

    with pytest.raises(CommandError, match="no migration to take back for notes@-1"):
        with_notes(engine, tmp_path).losses("notes@-1")
