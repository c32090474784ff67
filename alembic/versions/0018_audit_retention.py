"""The owner of the audit trail can delete the events whose time is over.

Revision: 0018
Revises: 0017
"""

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
accepted = {
    "exchanges the function refuse_audit_change": "it refuses less than before, to the owner",
}

# Two words, so that whoever means to delete origins deletes no events by mistake.
_WITH_EVENTS = """
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'audit_origins' AND TG_OP <> 'UPDATE'
        AND current_setting('userapi.retention', true) IN ('on', 'events')
    THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'audit_events' AND TG_OP = 'DELETE'
        AND current_setting('userapi.retention', true) = 'events'
        AND pg_has_role((SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')
    THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION USING
        MESSAGE = TG_TABLE_NAME || ' is append-only',
        ERRCODE = 'restrict_violation';
END
$$
"""
_WITHOUT_EVENTS = """
CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS $$
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


def upgrade() -> None:
    """Let the owner delete events, in a transaction that says so.

    SQLite's triggers cannot ask who deletes: there they go on refusing, and whoever may write to
    the file takes one away for as long as the transaction lasts.
    """
    _replace(_WITH_EVENTS)


def downgrade() -> None:
    """Refuse to delete events, whoever it is."""
    _replace(_WITHOUT_EVENTS)


def _replace(function: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        op.execute(function)
