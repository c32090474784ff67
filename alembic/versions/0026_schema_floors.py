"""The oldest programs that the schema lets live.

Revision: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table; the programs of 0.2.0, which end at 0010, can live."""
    op.create_table(
        "schema_floors",
        sa.Column("branch", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("branch", name=op.f("pk_schema_floors")),
    )
    op.execute("INSERT INTO schema_floors (branch, revision) VALUES ('userapi', '0010')")


def downgrade() -> None:
    """Drop it: no program is refused any more."""
    op.drop_table("schema_floors")
