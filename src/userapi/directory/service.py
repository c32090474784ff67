"""What is listed, and for whom."""

from contextlib import nullcontext

from userapi.directory.policy import LISTING_DELETED
from userapi.directory.records import DirectoryQuery
from userapi.directory.repository import DirectoryRepository
from userapi.kit.lists import ListReads
from userapi.kit.pagination import Page
from userapi.kit.passwords import BoundedQueue
from userapi.kit.principal import Principal
from userapi.users.policy import DirectoryRules
from userapi.users.records import UserRecord


class DirectoryService:
    """The directory of users."""

    def __init__(
        self,
        *,
        directory: DirectoryRepository,
        rules: DirectoryRules,
        searches: BoundedQueue,
        lists: ListReads,
    ) -> None:
        self._directory = directory
        self._lists = lists
        self._rules = rules
        self._searches = searches

    def list(self, principal: Principal, query: DirectoryQuery) -> Page[UserRecord]:
        """Return one page of the users who are wanted.

        Raises `NotAllowed`, `InvalidInput`, and `SearchBusy` where all users may have to be read.
        """
        self._rules.listing.ensure(principal)
        if query.deleted:
            LISTING_DELETED.ensure(principal)
        with self._searches.slot() if query.may_read_all else nullcontext():
            return self._lists.read(principal, lambda: self._directory.list(query))
