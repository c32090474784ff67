"""Imports of users.

Revision: 0022
Revises: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("format", sa.String(length=16), nullable=False),
        sa.Column("on_duplicate", sa.String(length=16), nullable=False),
        sa.Column("keeps_ids", sa.Boolean(), nullable=False),
        sa.Column("is_dry_run", sa.Boolean(), nullable=False),
        sa.Column("requested_by", _KEY, nullable=True),
        sa.Column("parts", sa.Integer(), nullable=False),
        *(
            sa.Column(name, sa.BigInteger(), nullable=False)
            for name in ("size", "rows_read", "created", "updated", "skipped", "refused")
        ),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("failure", sa.String(length=200), nullable=True),
        sa.Column("refusals", sa.JSON(), nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("ended_at", _POINT_IN_TIME, nullable=True),
        sa.CheckConstraint(
            "state IN ('receiving', 'running', 'done', 'failed', 'cancelled')",
            name=op.f("ck_imports_state_is_known"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_imports_requested_by_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_imports")),
    )
    op.create_index("ix_imports_order", "imports", ["created_at", "id"])
    for column in ("requested_by", "ended_at"):
        op.create_index(f"ix_imports_{column}", "imports", [column])
    op.create_table(
        "import_parts",
        sa.Column("import_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["imports.id"], name=op.f("fk_import_parts_import_id_imports")
        ),
        sa.PrimaryKeyConstraint("import_id", "number", name=op.f("pk_import_parts")),
    )


def downgrade() -> None:
    """Drop them; what was being imported stops where it is."""
    op.drop_table("import_parts")
    op.drop_table("imports")
