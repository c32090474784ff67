"""The key ring.

Revision: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the table of the keys that sign tokens."""
    op.create_table(
        "signing_keys",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("algorithm", sa.String(length=16), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("sealed_private_key", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("activates_at", _POINT_IN_TIME, nullable=False),
        sa.Column("retired_at", _POINT_IN_TIME, nullable=True),
        sa.CheckConstraint(
            "(retired_at IS NULL) = (sealed_private_key IS NOT NULL)",
            name=op.f("ck_signing_keys_retired_is_public"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_keys")),
    )


def downgrade() -> None:
    """Drop it, and the keys with it: their tokens are accepted no more."""
    op.drop_table("signing_keys")
