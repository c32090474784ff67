"""Signing keys that are authenticated as a whole.

Revision: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column of the tags; keys from before prove themselves without one."""
    op.add_column("signing_keys", sa.Column("authentication_tag", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    """Take the column away."""
    op.drop_column("signing_keys", "authentication_tag")
