"""Migrations that the release before cannot live with."""

import shutil
from pathlib import Path

import pytest
from alembic.util import CommandError
from sqlalchemy import create_engine

from userapi.db.migrations import Migrations, script_location

REVISION = """
import sqlalchemy as sa
from alembic import op

revision = "later"
down_revision = "{before}"
branch_labels = None
depends_on = None
accepted = {accepted}


def upgrade() -> None:
    {change}
"""
DROP = 'op.drop_column("users", "language")'


@pytest.fixture
def scripts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the migrations, all of which are released."""
    copy = shutil.copytree(script_location(), tmp_path / "alembic")
    monkeypatch.setattr("userapi.db.migrations.script_location", lambda: copy)
    (copy / "released").write_text(newest(), encoding="utf-8")
    return copy


def newest() -> str:
    return max(file.name[:4] for file in script_location().glob("versions/0*.py"))


def harms_of(scripts: Path, change: str, accepted: dict[str, str] | None = None) -> str:
    """Add a migration that does that; return what is told of it."""
    text = REVISION.format(before=newest(), change=change, accepted=accepted or {})
    (scripts / "versions" / "later.py").write_text(text, encoding="utf-8")
    try:
        Migrations(engine=create_engine("sqlite://")).ensure_harmless()
    except CommandError as error:
        return str(error)
    return ""


def test_the_last_release_can_live_with_our_own() -> None:
    Migrations(engine=create_engine("sqlite://")).ensure_harmless()


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ('op.drop_table("posts")', "drops the table posts"),
        (DROP, "drops the column users.language"),
        ('op.rename_table("posts", "notes")', "renames the table posts"),
        (
            'op.alter_column("users", "language", new_column_name="tongue")',
            "renames the column users.language",
        ),
        (
            'op.alter_column("users", "language", type_=sa.Text())',
            "changes the type of users.language",
        ),
        (
            'op.alter_column("users", "language", nullable=False)',
            "requires values in users.language",
        ),
        (
            'op.alter_column("users", "version", server_default=None)',
            "requires values in users.version",
        ),
        (
            'op.add_column("users", sa.Column("age", sa.Integer(), nullable=False))',
            "adds the column users.age, for which others have no value",
        ),
        (
            'op.add_column("users", sa.Column("n", sa.Text(), sa.Computed("1", persisted=True)))',
            "writes the table users anew",
        ),
        (
            'op.add_column("users", sa.Column("age", sa.Integer(), sa.CheckConstraint("age > 0")))',
            "adds the column users.age with a rule",
        ),
        (
            'op.create_check_constraint("ck_adult", "users", "id > 17")',
            "adds the rule ck_adult to users",
        ),
        (
            'op.create_unique_constraint("uq_names", "users", ["last_name"])',
            "adds the rule uq_names to users",
        ),
        ('op.drop_constraint("pk_users", "users")', "takes the rule pk_users from users"),
        (
            'op.create_index("uq_names", "users", ["last_name"], unique=True)',
            "adds the rule uq_names to users",
        ),
        (
            'op.create_index("ix_names", "users", ["last_name"])',
            "makes the index ix_names while nobody can write to users",
        ),
        ('op.drop_index("ix_users_names", "users")', "drops the index ix_users_names"),
        ('op.execute("UPDATE users SET language = NULL")', "changes rows of users"),
        ('op.execute("DELETE FROM sessions")', "deletes rows of sessions"),
        ('op.execute("LOCK TABLE users")', "locks the table users"),
        (
            'op.execute("CREATE TRIGGER t BEFORE INSERT ON users EXECUTE FUNCTION f()")',
            "has the trigger t run when users is written to",
        ),
        (
            "[row.id for row in op.get_bind().execute(sa.text('SELECT id FROM users'))]",
            "cannot be looked through",
        ),
        (
            'op.drop_table("posts"); op.create_table("posts", sa.Column("id", sa.Integer()))',
            "drops the table posts",
        ),
    ],
)
def test_what_harms_the_release_before_is_told(scripts: Path, change: str, told: str) -> None:
    message = harms_of(scripts, change)

    assert f"  later {told}" in message
    assert message.startswith("the release before cannot live with these migrations:\n")


@pytest.mark.parametrize(
    "change",
    [
        'op.create_table("notes", sa.Column("id", sa.Integer(), nullable=False))',
        'op.add_column("users", sa.Column("age", sa.Integer()))',
        'op.add_column("users", sa.Column("age", sa.Text(), nullable=False, server_default=""))',
        'op.alter_column("users", "first_name", nullable=True)',
        "op.execute(\"UPDATE schema_floors SET revision = 'later' WHERE branch = 'userapi'\")",
        """with op.get_context().autocommit_block():
        op.create_index("ix_age", "users", ["id"], postgresql_concurrently=True)""",
        """op.create_table("notes", sa.Column("id", sa.Integer()))
    op.create_index("uq_notes_id", "notes", ["id"], unique=True)
    op.drop_column("notes", "id")""",
    ],
    ids=["table", "column", "default", "looser", "floor", "index", "own"],
)
def test_what_the_release_before_does_not_notice_is_not_told(scripts: Path, change: str) -> None:
    assert harms_of(scripts, change) == ""


def test_a_harm_is_accepted_by_its_name(scripts: Path) -> None:
    accepted = {"drops the column users.language": "nobody reads it"}

    assert harms_of(scripts, DROP, accepted) == ""


def test_nothing_is_accepted_that_is_not_done(scripts: Path) -> None:
    accepted = {"drops the column users.names": "nobody reads it"}

    message = harms_of(scripts, DROP, accepted)

    assert '  later accepts what it does not do: "drops the column users.names"' in message
    assert "  later drops the column users.language" in message
