"""What is listed, and for whom."""

from userapi.directory.policy import LISTING_DELETED
from userapi.directory.records import DirectoryQuery
from userapi.directory.repository import DirectoryRepository
from userapi.kit.pagination import Page
from userapi.kit.principal import Principal
from userapi.users.policy import DirectoryRules
from userapi.users.records import UserRecord


class DirectoryService:
    """The directory of users."""

    def __init__(self, *, directory: DirectoryRepository, rules: DirectoryRules) -> None:
        self._directory = directory
        self._rules = rules

    def list(self, principal: Principal, query: DirectoryQuery) -> Page[UserRecord]:
        """Return one page of the users who are wanted; raise `NotAllowed` or `InvalidInput`."""
        self._rules.listing.ensure(principal)
        if query.deleted:
            LISTING_DELETED.ensure(principal)
        return self._directory.list(query)
