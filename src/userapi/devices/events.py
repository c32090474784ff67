"""What is audited of devices."""

from userapi.kit.events import Event


class DeviceEvent(Event):
    """What happens to known devices."""

    REVOKED = "device:revoked"
