"""Sessions whose refresh tokens rotate, and that know where they are used.

Revision: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table anew: which refresh token is the newest of an old session is not known."""
    op.drop_table("sessions")
    _create_sessions(
        sa.Column("absolute_expires_at", _POINT_IN_TIME, nullable=False),
        sa.Column("current_hash", sa.String(length=64), nullable=False),
        sa.Column("parent_hash", sa.String(length=64), nullable=True),
        sa.Column("rotated_at", _POINT_IN_TIME, nullable=False),
        sa.Column("key_id", sa.String(length=64), nullable=True),
        sa.Column("last_used_at", _POINT_IN_TIME, nullable=False),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=500), nullable=True),
        sa.CheckConstraint(
            "expires_at <= absolute_expires_at", name=op.f("ck_sessions_expiry_within_lifetime")
        ),
    )
    op.create_index(
        "ix_sessions_user_id_created_at_id",
        "sessions",
        ["user_id", "created_at", "id"],
        postgresql_where=sa.text("revoked_at IS NULL"),
        sqlite_where=sa.text("revoked_at IS NULL"),
    )


def downgrade() -> None:
    """Make the table as it was: all sessions end here too, lest an old token works again."""
    op.drop_table("sessions")
    _create_sessions()
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def _create_sessions(*more: sa.Column[object] | sa.CheckConstraint) -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", _KEY, nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("updated_at", _POINT_IN_TIME, nullable=False),
        sa.Column("expires_at", _POINT_IN_TIME, nullable=False),
        sa.Column("revoked_at", _POINT_IN_TIME, nullable=True),
        *more,
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_sessions_expiry_after_creation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
