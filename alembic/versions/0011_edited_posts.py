"""Posts that tell who else changed them, and how long they are.

Revision: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
accepted = {
    "writes the table posts anew": "the lengths are stored; the changelog of 0.3.0 says so",
}


def upgrade() -> None:
    """Add the columns; of edits before them nobody is known.

    PostgreSQL stores the lengths, which takes as long as writing all posts anew. SQLite cannot add
    a column that it stores; it counts when it is asked.
    """
    op.add_column("posts", sa.Column("edited_by", sa.BigInteger(), nullable=True))
    is_stored = op.get_bind().dialect.name == "postgresql"
    length = sa.Computed("length(content)", persisted=is_stored)
    op.add_column("posts", sa.Column("content_length", sa.Integer(), length, nullable=False))


def downgrade() -> None:
    """Take the columns away."""
    op.drop_column("posts", "content_length")
    op.drop_column("posts", "edited_by")
