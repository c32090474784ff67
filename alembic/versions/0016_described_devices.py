"""Where known devices were last used from.

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
    """Add the columns; of the devices of before nothing is known."""
    op.add_column("known_devices", sa.Column("address", sa.String(length=45), nullable=True))
    op.add_column("known_devices", sa.Column("user_agent", sa.String(length=500), nullable=True))


def downgrade() -> None:
    """Take them away."""
    op.drop_column("known_devices", "user_agent")
    op.drop_column("known_devices", "address")
