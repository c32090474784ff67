"""What happens to known devices."""

import uuid

from userapi.audit.service import AuditTrail
from userapi.devices import policy
from userapi.devices.errors import DeviceNotFound
from userapi.devices.events import DeviceEvent
from userapi.devices.records import DeviceView, device_view
from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction, Writes
from userapi.sessions.repository import SessionRepository
from userapi.throttling.services.throttle import TrustedDevices
from userapi.throttling.services.unlocking import LoginHistory
from userapi.users.errors import UserNotFound
from userapi.users.repository import UserRepository


class DeviceService:
    """A user's known devices: seen and forgotten by the user and by admins."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        devices: TrustedDevices,
        history: LoginHistory,
        sessions: SessionRepository,
        users: UserRepository,
        audit: AuditTrail,
    ) -> None:
        self._transaction = transaction
        self._devices = devices
        self._history = history
        self._sessions = sessions
        self._users = users
        self._audit = audit

    def list(self, principal: Principal, user_id: int) -> list[DeviceView]:
        """Return a user's devices, the one used last first; raise `NotAllowed`, `UserNotFound`."""
        policy.MANAGING.ensure(principal, user_id)
        if user_id != principal.user_id and self._users.get(user_id) is None:
            raise UserNotFound
        current = self._sessions.find_device(principal.credential.session_id)
        return [device_view(record, current=current) for record in self._devices.list(user_id)]

    def revoke(self, principal: Principal, user_id: int, device_id: uuid.UUID) -> None:
        """Trust one device of a user no more; raise `NotAllowed` or `DeviceNotFound`.

        Its failed logins go with it. Sessions that began there go on.
        """
        with self._transaction.of(principal, Writes({user_id})) as tx:
            policy.MANAGING.ensure(tx.principal, user_id)
            if not self._history.revoke_device(device_id, user_id):
                raise DeviceNotFound
            self._audit.record(principal, DeviceEvent.REVOKED, subject=user_id, object=device_id)
            tx.commit()
