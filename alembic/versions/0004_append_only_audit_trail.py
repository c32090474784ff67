"""The audit trail can be added to, and not changed.

Revision: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_TABLES = ("audit_events", "audit_origins")

# Triggers of statements: TRUNCATE has no others, and what a statement finds does not matter.
_POSTGRESQL_FUNCTION = """
CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'audit_origins' AND TG_OP <> 'UPDATE'
        AND current_setting('userapi.retention', true) = 'on'
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING
        MESSAGE = TG_TABLE_NAME || ' is append-only',
        ERRCODE = 'restrict_violation';
END
$$
"""
_POSTGRESQL_TRIGGER = """
CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()
"""

# SQLite has no settings of a transaction that a trigger could ask: origins may be deleted.
_SQLITE_REFUSED = (
    ("audit_events", "update"),
    ("audit_events", "delete"),
    ("audit_origins", "update"),
)
_SQLITE_TRIGGER = """
CREATE TRIGGER {table}_refuse_{change} BEFORE {change} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""


def upgrade() -> None:
    """Have the database refuse every change of what was written down."""
    if _is_sqlite():
        for table, change in _SQLITE_REFUSED:
            op.execute(_SQLITE_TRIGGER.format(table=table, change=change))
    else:
        op.execute(_POSTGRESQL_FUNCTION)
        for table in _TABLES:
            op.execute(_POSTGRESQL_TRIGGER.format(table=table))


def downgrade() -> None:
    """Let the tables be changed again."""
    if _is_sqlite():
        for table, change in _SQLITE_REFUSED:
            op.execute(f"DROP TRIGGER {table}_refuse_{change}")
    else:
        for table in _TABLES:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute("DROP FUNCTION refuse_audit_change()")


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
