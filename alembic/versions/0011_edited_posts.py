"""Posts that tell who else changed them.

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of edits before it nobody is known."""
    op.add_column("posts", sa.Column("edited_by", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("posts", "edited_by")
