"""Unlocking accounts over HTTP."""

from flask.views import MethodView

from userapi.kit.principal import Principal
from userapi.throttling.policy import UNLOCKING
from userapi.throttling.services.unlocking import UnlockService
from userapi.users.errors import UserNotFound
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("lockouts", description="Delays and lockouts after failed logins.")


@blp.route("/users/<id:user_id>/unlock")
class Unlocking(MethodView):
    """The end of a lockout."""

    service = Provided(UnlockService)

    @blp.auth(rule=UNLOCKING)
    @blp.response(204)
    @blp.raises(UserNotFound)
    @blp.doc(operationId="unlock_user")
    def post(self, principal: Principal, user_id: int) -> None:
        """Unlock a user.

        For admins. Clears the failed logins with the user's address and from its devices, which
        ends delays and lockouts at once. Sessions and password stay as they are.
        """
        self.service.unlock(principal, user_id)
