"""An index of revoked sessions.

Revision: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_NAME = "ix_sessions_revoked_user_id"
_REVOKED = sa.text("revoked_at IS NOT NULL")


def upgrade() -> None:
    """Make the index; on PostgreSQL while people log in."""
    if op.get_context().dialect.name == "postgresql":
        with op.get_context().autocommit_block():
            # One that was broken off is left behind, and of no use.
            op.drop_index(_NAME, "sessions", if_exists=True, postgresql_concurrently=True)
            op.create_index(
                _NAME,
                "sessions",
                ["user_id"],
                postgresql_where=_REVOKED,
                postgresql_concurrently=True,
            )
    else:
        op.create_index(_NAME, "sessions", ["user_id"], sqlite_where=_REVOKED)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(_NAME, table_name="sessions")
