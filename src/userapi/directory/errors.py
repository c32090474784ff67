"""What can go wrong in the directory.

DomainError
└── SearchBusy   so many searches are running that one more would have to wait too long
"""

from userapi.kit.errors import DomainError, Kind


class SearchBusy(DomainError):
    """So many searches are running that one more would have to wait too long."""

    kind = Kind.UNAVAILABLE
    code = "search-busy"
    title = "Too many searches at once"
    detail = "The service runs as many searches and exact counts as it can; try again shortly."
