"""Known devices over HTTP."""

import uuid

from flask.views import MethodView

from userapi.devices.errors import DeviceNotFound
from userapi.devices.policy import MANAGING_OTHERS
from userapi.devices.records import DeviceView
from userapi.devices.schemas import DEVICE_LINKS, USER_DEVICE_LINKS, DeviceListSchema
from userapi.devices.service import DeviceService
from userapi.kit.principal import Principal
from userapi.rate_limits.decorator import counted_by_session
from userapi.users.errors import UserNotFound
from userapi.web.blueprint import Blueprint
from userapi.web.services import Provided

blp = Blueprint("devices", description="Devices that are known by the token of a login.")


@blp.route("/auth/devices")
class OwnDevices(MethodView):
    """The caller's known devices."""

    service = Provided(DeviceService)

    @blp.auth()
    @blp.response(200, DeviceListSchema)
    @blp.links(*DEVICE_LINKS)
    @blp.doc(operationId="list_devices")
    def get(self, principal: Principal) -> dict[str, list[DeviceView]]:
        """List the caller's known devices.

        Those that a login with their `device_token` is known by, at most 20. A login without it,
        or with one that was forgotten, makes another device known.
        """
        return {"devices": self.service.list(principal, principal.user_id)}


@blp.route("/auth/devices/<uuid:device_id>")
class OwnDevice(MethodView):
    """One of the caller's known devices."""

    service = Provided(DeviceService)

    @counted_by_session
    @blp.auth()
    @blp.response(204)
    @blp.raises(DeviceNotFound)
    @blp.doc(operationId="revoke_device")
    def delete(self, principal: Principal, device_id: uuid.UUID) -> None:
        """Forget one of the caller's devices.

        Its `device_token` is known no longer, and the failed logins from there are cleared.
        Sessions that began there go on; end them apart.
        """
        self.service.revoke(principal, principal.user_id, device_id)


@blp.route("/users/<id:user_id>/devices")
class UserDevices(MethodView):
    """A user's known devices."""

    service = Provided(DeviceService)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(200, DeviceListSchema)
    @blp.raises(UserNotFound)
    @blp.links(*USER_DEVICE_LINKS)
    @blp.doc(operationId="list_user_devices")
    def get(self, principal: Principal, user_id: int) -> dict[str, list[DeviceView]]:
        """List a user's known devices.

        For admins. At most 20.
        """
        return {"devices": self.service.list(principal, user_id)}


@blp.route("/users/<id:user_id>/devices/<uuid:device_id>")
class UserDevice(MethodView):
    """One of a user's known devices."""

    service = Provided(DeviceService)

    @blp.auth(rule=MANAGING_OTHERS)
    @blp.response(204)
    @blp.raises(DeviceNotFound)
    @blp.doc(operationId="revoke_user_device")
    def delete(self, principal: Principal, user_id: int, device_id: uuid.UUID) -> None:
        """Forget one device of a user.

        For admins. Its `device_token` is known no longer. Sessions that began there go on.
        """
        self.service.revoke(principal, user_id, device_id)
