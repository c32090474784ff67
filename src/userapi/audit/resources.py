"""The audit trail over HTTP."""

from flask.views import MethodView

from userapi.audit.policy import SEARCHING
from userapi.audit.records import NEWEST_FIRST, EventQuery, EventRecord
from userapi.audit.schemas import (
    AuditEventQuerySchema,
    AuditEventSchema,
    OwnEventQuerySchema,
)
from userapi.audit.service import AuditSearch
from userapi.kit.pagination import KeysetPage
from userapi.kit.principal import Principal
from userapi.web.blueprint import Blueprint
from userapi.web.operation import Link
from userapi.web.services import Provided

blp = Blueprint("audit", description="What happened, and who did it.")

_SUBJECT = Link("get_user", {"user_id": "$response.body#/events/0/subject_id"})


@blp.route("/audit-events")
class AuditEvents(MethodView):
    """The whole trail."""

    service = Provided(AuditSearch)

    @blp.auth(rule=SEARCHING)
    @blp.arguments(AuditEventQuerySchema, location="query")
    @blp.keyset_page(AuditEventSchema, NEWEST_FIRST)
    @blp.links(_SUBJECT)
    @blp.doc(operationId="list_audit_events")
    def get(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Search the audit trail.

        For admins. The newest events come first; `next_cursor`, or the `Link` header, leads to
        the next ones. Events outlive the users and posts that they name.
        """
        return self.service.search(principal, query)


@blp.route("/users/me/events")
class OwnEvents(MethodView):
    """The caller's part of the trail."""

    service = Provided(AuditSearch)

    @blp.auth()
    @blp.arguments(OwnEventQuerySchema, location="query")
    @blp.keyset_page(AuditEventSchema, NEWEST_FIRST)
    @blp.links(_SUBJECT)
    @blp.doc(operationId="list_own_events")
    def get(self, principal: Principal, query: EventQuery) -> KeysetPage[EventRecord]:
        """Read what happened to the caller.

        Events about the caller's account, sessions and posts, the newest first, whoever caused
        them. `address` and `user_agent` are null when it was another user.
        """
        return self.service.list_own(principal, query)
