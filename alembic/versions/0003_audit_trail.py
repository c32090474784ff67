"""The audit trail.

Revision: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the events and of where they came from."""
    op.create_table(
        "audit_events",
        sa.Column("id", _KEY, nullable=False),
        sa.Column("occurred_at", _POINT_IN_TIME, nullable=False),
        sa.Column("event", sa.String(length=40), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("subject_id", sa.BigInteger(), nullable=True),
        sa.Column("object_id", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
        sqlite_autoincrement=True,
    )
    for columns in (
        ("occurred_at", "id"),
        ("subject_id", "occurred_at", "id"),
        ("actor_id", "occurred_at", "id"),
        ("event", "occurred_at", "id"),
    ):
        op.create_index(f"ix_audit_events_{'_'.join(columns)}", "audit_events", columns)
    op.create_table(
        "audit_origins",
        sa.Column("event_id", _KEY, autoincrement=False, nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(
            ["event_id"], ["audit_events.id"], name=op.f("fk_audit_origins_event_id_audit_events")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_origins")),
    )


def downgrade() -> None:
    """Drop both, and what they tell with them."""
    op.drop_table("audit_origins")
    op.drop_table("audit_events")
