"""Sessions that know which client rotated their refresh token.

Revision: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of rotations before it the client is not known."""
    op.add_column("sessions", sa.Column("rotated_by", sa.String(length=64), nullable=True))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("sessions", "rotated_by")
