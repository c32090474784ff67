"""Users whose addresses are proven, who have a language, and who leave; one-time tokens.

Revision: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add the columns and the table; no address of before is proven, and none can be taken."""
    op.add_column("users", sa.Column("email_verified_at", _POINT_IN_TIME, nullable=True))
    op.add_column("users", sa.Column("email_set_at", _POINT_IN_TIME, nullable=True))
    op.add_column("users", sa.Column("language", sa.String(length=35), nullable=True))
    op.add_column("users", sa.Column("erased_at", _POINT_IN_TIME, nullable=True))
    op.create_table(
        "one_time_tokens",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", _KEY, nullable=True),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("binding", sa.String(length=64), nullable=True),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("expires_at", _POINT_IN_TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_one_time_tokens_user_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
    )
    op.create_index("uq_one_time_tokens_token_hash", "one_time_tokens", ["token_hash"], unique=True)
    op.create_index("ix_one_time_tokens_user_id_purpose", "one_time_tokens", ["user_id", "purpose"])
    for column in ("subject_id", "address", "expires_at"):
        op.create_index(f"ix_one_time_tokens_{column}", "one_time_tokens", [column])


def downgrade() -> None:
    """Take them away."""
    op.drop_table("one_time_tokens")
    for column in ("erased_at", "language", "email_set_at", "email_verified_at"):
        op.drop_column("users", column)
