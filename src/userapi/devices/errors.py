"""What can go wrong with a device.

DomainError
└── DeviceNotFound   the user has no known device with this id
"""

from userapi.kit.errors import DomainError, Kind


class DeviceNotFound(DomainError):
    """The user has no known device with this id."""

    kind = Kind.NOT_FOUND
    code = "device-not-found"
    title = "Device not found"
    detail = "The user has no known device with this id; it may have been forgotten."
