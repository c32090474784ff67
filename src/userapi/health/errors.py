"""What can go wrong with the service itself.

DomainError
├── NotReady   the service runs, but should not be sent requests yet
└── ServiceStopping   the service is about to stop, and should be sent no more requests
"""

from userapi.kit.errors import DomainError, Kind


class NotReady(DomainError):
    """The service runs, but should not be sent requests yet."""

    kind = Kind.UNAVAILABLE
    code = "not-ready"
    title = "Service not ready"
    detail = "The database schema is behind this version; run `userapi db upgrade`."


class ServiceStopping(DomainError):
    """The service is about to stop, and should be sent no more requests."""

    kind = Kind.UNAVAILABLE
    code = "service-stopping"
    title = "Service is stopping"
    detail = "The service is about to stop; send requests to another instance."
