"""Roles in the place of the mark of administrators.

Revision: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give every user a role: administrators theirs, all others the ordinary one."""
    op.add_column(
        "users",
        sa.Column(
            "role",
            sa.String(length=16),
            sa.CheckConstraint(
                "role IN ('user', 'moderator', 'admin')", name=op.f("ck_users_role_is_known")
            ),
            nullable=False,
            server_default="user",
        ),
    )
    op.execute("UPDATE users SET role = 'admin' WHERE is_admin")
    op.drop_index("ix_users_active_admins", "users")
    op.drop_column("users", "is_admin")
    _create_index_of_admins("role = 'admin'", "role = 'admin'")


def downgrade() -> None:
    """Mark the administrators again; moderators become ordinary users."""
    op.add_column(
        "users", sa.Column("is_admin", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute("UPDATE users SET is_admin = TRUE WHERE role = 'admin'")
    op.drop_index("ix_users_active_admins", "users")
    op.drop_column("users", "role")
    _create_index_of_admins("is_admin", "is_admin = 1")
    # SQLite cannot take the default away again; it does no harm there.
    if op.get_context().dialect.name == "postgresql":
        op.alter_column("users", "is_admin", server_default=None)


def _create_index_of_admins(on_postgresql: str, on_sqlite: str) -> None:
    op.create_index(
        "ix_users_active_admins",
        "users",
        ["id"],
        postgresql_where=sa.text(f"deleted_at IS NULL AND is_active AND {on_postgresql}"),
        sqlite_where=sa.text(f"deleted_at IS NULL AND is_active = 1 AND {on_sqlite}"),
    )
