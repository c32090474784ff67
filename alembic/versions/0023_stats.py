"""Figures that are counted now and then.

Revision: 0023
Revises: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_POINT_IN_TIME = sa.DateTime(timezone=True)
_COUNTS = ("active", "deactivated", "verified", "closed", "erased")


def upgrade() -> None:
    """Make the tables; whoever asks first fills them."""
    op.create_table(
        "stats_snapshots",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("claimed_until", _POINT_IN_TIME, nullable=True),
        sa.Column("taken_at", _POINT_IN_TIME, nullable=True),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("sessions_alive", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_stats_snapshots_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stats_snapshots")),
    )
    op.create_table(
        "daily_stats",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sign_ups", sa.BigInteger(), nullable=False),
        sa.Column("sign_ins", sa.BigInteger(), nullable=False),
        sa.Column("counted_at", _POINT_IN_TIME, nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_daily_stats")),
    )


def downgrade() -> None:
    """Drop them; days whose events are gone are never counted again."""
    op.drop_table("daily_stats")
    op.drop_table("stats_snapshots")
