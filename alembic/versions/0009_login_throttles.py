"""Throttles of failed logins, and known devices.

Revision: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables of the failures and of the devices."""
    op.create_table(
        "login_throttles",
        sa.Column("bucket", sa.String(length=64), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("blocked_until", _POINT_IN_TIME, nullable=True),
        sa.Column("last_failed_at", _POINT_IN_TIME, nullable=False),
        sa.CheckConstraint("failures > 0", name=op.f("ck_login_throttles_failures_are_positive")),
        sa.PrimaryKeyConstraint("bucket", name=op.f("pk_login_throttles")),
    )
    op.create_index("ix_login_throttles_last_failed_at", "login_throttles", ["last_failed_at"])
    op.create_table(
        "known_devices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("last_used_at", _POINT_IN_TIME, nullable=False),
        sa.Column("expires_at", _POINT_IN_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_known_devices_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_known_devices")),
    )
    op.create_index("uq_known_devices_token_hash", "known_devices", ["token_hash"], unique=True)
    op.create_index("ix_known_devices_user_id", "known_devices", ["user_id"])


def downgrade() -> None:
    """Drop both: what failed is forgotten, and no device is known any more."""
    op.drop_table("known_devices")
    op.drop_table("login_throttles")
