"""What goes with an account: lockouts, devices of sessions, and answers stored under keys.

Revision: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
accepted = {
    "makes the index ix_idempotency_keys_resource while nobody can write to idempotency_keys": (
        "the table has the requests of one day only"
    ),
}


def upgrade() -> None:
    """Add the columns; of what is there already it is not known."""
    op.add_column("login_throttles", sa.Column("is_account", sa.Boolean(), nullable=True))
    op.add_column("sessions", sa.Column("device_id", sa.Uuid(), nullable=True))
    op.add_column("idempotency_keys", sa.Column("resource", sa.String(length=200), nullable=True))
    op.add_column(
        "idempotency_keys",
        sa.Column("mismatches", sa.Integer(), server_default="0", nullable=False),
    )
    op.create_index("ix_idempotency_keys_resource", "idempotency_keys", ["resource"])


def downgrade() -> None:
    """Take the columns away."""
    op.drop_index("ix_idempotency_keys_resource", table_name="idempotency_keys")
    op.drop_column("idempotency_keys", "mismatches")
    op.drop_column("idempotency_keys", "resource")
    op.drop_column("sessions", "device_id")
    op.drop_column("login_throttles", "is_account")
