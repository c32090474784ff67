"""Where known devices were last used from, and an index of revoked sessions.

Revision: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the index; of the devices of before nothing is known."""
    op.add_column("known_devices", sa.Column("address", sa.String(length=45), nullable=True))
    op.add_column("known_devices", sa.Column("user_agent", sa.String(length=500), nullable=True))
    op.create_index(
        "ix_sessions_revoked_user_id",
        "sessions",
        ["user_id"],
        postgresql_where=sa.text("revoked_at IS NOT NULL"),
        sqlite_where=sa.text("revoked_at IS NOT NULL"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_sessions_revoked_user_id", table_name="sessions")
    op.drop_column("known_devices", "user_agent")
    op.drop_column("known_devices", "address")
