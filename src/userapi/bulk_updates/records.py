"""What admins change of many users, and what came of it."""

from dataclasses import dataclass

from userapi.directory.records import UserFilter
from userapi.kit.principal import Role

LIMIT = 10_000
"""How many users a call changes at most."""

MAX_IDS = 1_000
"""How many ids a filter names at most."""


@dataclass(frozen=True, slots=True)
class UserChange:
    """What is to be of all of them: one of both."""

    is_active: bool | None = None
    role: Role | None = None

    @property
    def ends_access(self) -> bool:
        """Whether those who are changed cannot log in any more."""
        return self.is_active is False

    @property
    def could_lose_admins(self) -> bool:
        """Whether an active admin could be one no more."""
        return self.ends_access or self.role not in (None, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class BulkUpdate:
    """Who is changed, and how; a dry run only tells how many."""

    filter: UserFilter
    change: UserChange
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class BulkResult:
    """How many were found to be changed and were, and whether a call more would find others."""

    matched: int
    changed: int
    has_more: bool
    dry_run: bool


@dataclass(frozen=True, slots=True)
class FoundUser:
    """A user that is to be changed."""

    id: int
    role: str
