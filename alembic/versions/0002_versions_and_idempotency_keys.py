"""Versions of users and posts, and the requests that may be sent again.

Revision: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Give every row version 1, and make the table of the keys."""
    for table in ("users", "posts"):
        op.add_column(
            table, sa.Column("version", sa.BigInteger(), nullable=False, server_default="1")
        )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.String(length=32), nullable=False),
        sa.Column("operation", sa.String(length=200), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("owner", sa.Uuid(), nullable=False),
        sa.Column("held_until", _POINT_IN_TIME, nullable=False),
        sa.Column("expires_at", _POINT_IN_TIME, nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("headers", sa.JSON(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IS NULL) = (headers IS NULL) AND (status IS NULL) = (body IS NULL)",
            name=op.f("ck_idempotency_keys_answer_is_whole"),
        ),
        sa.PrimaryKeyConstraint("caller", "operation", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_expires_at", "idempotency_keys", ["expires_at"])


def downgrade() -> None:
    """Drop both, and the kept answers with them."""
    op.drop_table("idempotency_keys")
    for table in ("posts", "users"):
        op.drop_column(table, "version")
