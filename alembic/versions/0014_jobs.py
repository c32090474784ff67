"""What has to happen later.

Revision: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_POINT_IN_TIME = sa.DateTime(timezone=True)
_WAITING = sa.text("done_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    """Make the table of jobs."""
    op.create_table(
        "jobs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("due_at", _POINT_IN_TIME, nullable=False),
        sa.Column("lease_until", _POINT_IN_TIME, nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("done_at", _POINT_IN_TIME, nullable=True),
        sa.Column("dead_at", _POINT_IN_TIME, nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
    )
    _create_index_of_waiting("uq_jobs_waiting", ["kind", "key"], unique=True)
    _create_index_of_waiting("ix_jobs_due", ["due_at", "id"])
    op.create_index("ix_jobs_done_at", "jobs", ["done_at"])
    op.create_index("ix_jobs_dead_at", "jobs", ["dead_at"])


def downgrade() -> None:
    """Drop it, and what waits with it."""
    op.drop_table("jobs")


def _create_index_of_waiting(name: str, columns: list[str], *, unique: bool = False) -> None:
    op.create_index(
        name, "jobs", columns, unique=unique, postgresql_where=_WAITING, sqlite_where=_WAITING
    )
