"""The starting schema: users, posts and login sessions.

Revision: 0001
Revises: nothing
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INTEGER_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_POINT_IN_TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "users",
        sa.Column("id", _INTEGER_KEY, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("updated_at", _POINT_IN_TIME, nullable=False),
        sa.Column("deleted_at", _POINT_IN_TIME, nullable=True),
        sa.CheckConstraint("length(email) BETWEEN 3 AND 254", name=op.f("ck_users_email_length")),
        sa.CheckConstraint(
            "length(first_name) BETWEEN 1 AND 100", name=op.f("ck_users_first_name_length")
        ),
        sa.CheckConstraint(
            "length(last_name) BETWEEN 1 AND 100", name=op.f("ck_users_last_name_length")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sqlite_autoincrement=True,
    )
    _create_index_of_living("uq_users_email", [sa.text("lower(email)")], unique=True)
    _create_index_of_living("ix_users_directory", ["created_at", "id"])
    _create_index_of_living("ix_users_active_directory", ["created_at", "id"], "is_active")
    _create_index_of_living("ix_users_active_admins", ["id"], "is_active", "is_admin")

    op.create_table(
        "posts",
        sa.Column("id", _INTEGER_KEY, nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("author_id", _INTEGER_KEY, nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("updated_at", _POINT_IN_TIME, nullable=False),
        sa.CheckConstraint("length(title) BETWEEN 1 AND 200", name=op.f("ck_posts_title_length")),
        sa.CheckConstraint(
            "length(content) BETWEEN 1 AND 50000", name=op.f("ck_posts_content_length")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_posts_author_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posts")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_posts_created_at_id", "posts", ["created_at", "id"])
    op.create_index("ix_posts_author_id_created_at_id", "posts", ["author_id", "created_at", "id"])

    op.create_table(
        "sessions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", _INTEGER_KEY, nullable=False),
        sa.Column("created_at", _POINT_IN_TIME, nullable=False),
        sa.Column("updated_at", _POINT_IN_TIME, nullable=False),
        sa.Column("expires_at", _POINT_IN_TIME, nullable=False),
        sa.Column("revoked_at", _POINT_IN_TIME, nullable=True),
        sa.CheckConstraint(
            "expires_at > created_at", name=op.f("ck_sessions_expiry_after_creation")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])


def downgrade() -> None:
    """Drop the tables, and all data with them."""
    op.drop_table("sessions")
    op.drop_table("posts")
    op.drop_table("users")


def _create_index_of_living(
    name: str, columns: list[str | sa.TextClause], *flags: str, unique: bool = False
) -> None:
    op.create_index(
        name,
        "users",
        columns,
        unique=unique,
        postgresql_where=sa.text(" AND ".join(["deleted_at IS NULL", *flags])),
        sqlite_where=sa.text(" AND ".join(["deleted_at IS NULL", *(f"{f} = 1" for f in flags)])),
    )
