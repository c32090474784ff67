"""Queries for events by what somebody did, built once."""

from sqlalchemy import Integer, String, bindparam, func, select

from userapi.audit.models import AuditEvent
from userapi.db.id_lists import rows_of_id_list
from userapi.db.rows import AnySelect

LATEST_BY: AnySelect = (
    select(AuditEvent.id)
    .where(AuditEvent.actor_id == bindparam("user_id"))
    .order_by(AuditEvent.occurred_at.desc(), AuditEvent.id.desc())
    .limit(bindparam("limit", type_=Integer()))
)
"""The ids of the latest events that a user did, newest first."""

COUNT_AMONG: AnySelect = select(func.count()).where(
    AuditEvent.id.in_(rows_of_id_list(bindparam("ids", type_=String())))
)
"""How many of these ids there are."""
