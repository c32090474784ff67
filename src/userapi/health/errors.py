"""What can go wrong with the service itself.

DomainError
└── NotReady   the service runs, but should not be sent requests yet
"""

from userapi.kit.errors import DomainError, Kind


class NotReady(DomainError):
    """The service runs, but should not be sent requests yet."""

    kind = Kind.UNAVAILABLE
    code = "not-ready"
    title = "Service not ready"
    detail = "The database schema is behind this version; run `userapi db upgrade`."
