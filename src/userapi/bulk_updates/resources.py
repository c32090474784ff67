"""Changing many users over HTTP."""

from flask.views import MethodView

from userapi.bulk_updates.policy import CHANGING_MANY
from userapi.bulk_updates.records import BulkResult, BulkUpdate
from userapi.bulk_updates.schemas import BulkResultSchema, BulkUpdateSchema
from userapi.bulk_updates.service import BulkUpdates
from userapi.idempotency.decorator import idempotent
from userapi.kit.principal import Principal
from userapi.users.errors import LastAdmin
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("bulk", description="Changes of many users at once.")


@blp.route("/users/bulk-update")
class BulkUpdateOfUsers(MethodView):
    """Many users at once."""

    service = Provided(BulkUpdates)

    @blp.auth(rule=CHANGING_MANY)
    @blp.arguments(BulkUpdateSchema)
    @idempotent
    @blp.response(200, BulkResultSchema)
    @blp.raises(LastAdmin)
    @blp.doc(operationId="bulk_update_users")
    def post(self, principal: Principal, order: BulkUpdate) -> BulkResult:
        """Change many users at once.

        For admins. All living users whom the filter means are changed, those with the lowest ids
        first, up to 10,000 in a call; while `has_more` is true the same call changes the next
        ones. They are changed together or, with an error, not at all, and each as if it were
        changed alone: sessions of those who are deactivated end at once, and those with another
        role are told by mail. One active admin must remain. With `dry_run` nothing changes:
        `matched` tells how many would.
        """
        return self.service.update(principal, order)
