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

_NAME = "ix_idempotency_keys_resource"


def upgrade() -> None:
    """Add the columns; of what is there already it is not known.

    On PostgreSQL each table is locked by itself: a log-in has some of them, and who waits for one
    with another in hand can end it.
    """
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            _add_columns(if_not_exists=True)
            # One that was broken off is left behind, and of no use.
            op.drop_index(_NAME, "idempotency_keys", if_exists=True, postgresql_concurrently=True)
            op.create_index(_NAME, "idempotency_keys", ["resource"], postgresql_concurrently=True)
    else:
        _add_columns()
        op.create_index(_NAME, "idempotency_keys", ["resource"])


def _add_columns(*, if_not_exists: bool | None = None) -> None:
    for table, column in (
        ("login_throttles", sa.Column("is_account", sa.Boolean(), nullable=True)),
        ("sessions", sa.Column("device_id", sa.Uuid(), nullable=True)),
        ("idempotency_keys", sa.Column("resource", sa.String(length=200), nullable=True)),
        (
            "idempotency_keys",
            sa.Column("mismatches", sa.Integer(), server_default="0", nullable=False),
        ),
    ):
        op.add_column(table, column, if_not_exists=if_not_exists)


def downgrade() -> None:
    """Take the columns away."""
    op.drop_index(_NAME, table_name="idempotency_keys")
    op.drop_column("idempotency_keys", "mismatches")
    op.drop_column("idempotency_keys", "resource")
    op.drop_column("sessions", "device_id")
    op.drop_column("login_throttles", "is_account")
