"""Who may do what to a user, and who keeps an address."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from userapi.kit.permissions import OwnerOr, Requires
from userapi.kit.principal import Role
from userapi.users.errors import LastAdmin


class Directory(StrEnum):
    """Whom the directory of users is for."""

    MEMBERS = "members"
    ADMINS = "admins"


@dataclass(frozen=True, slots=True)
class DirectoryRules:
    """Who may list users, and who may read one: the person, and those for whom the directory is."""

    listing: Requires
    reading: OwnerOr


def directory_rules(directory: Directory) -> DirectoryRules:
    """Return the rules of a directory."""
    role = Role.USER if directory is Directory.MEMBERS else Role.ADMIN
    return DirectoryRules(listing=Requires(role), reading=OwnerOr(role))


EDITING = OwnerOr(Role.ADMIN)
"""Who may change a user: the person, and admins."""

CHANGING_ACTIVITY = Requires(Role.ADMIN)
"""Who may activate and deactivate users."""

DELETING = Requires(Role.ADMIN)
"""Who may delete users."""

SETTING_ROLES = Requires(Role.ADMIN)
"""Who may set the roles of users."""

KEPT_UNPROVEN_FOR = timedelta(days=7)
"""How long an address is an account's without proof."""


def ensure_admin_remains(user_id: int, active_admin_ids: frozenset[int]) -> None:
    """Refuse to lose that user as the last of the active administrators.

    Raises `LastAdmin`.
    """
    ensure_admin_remains_without({user_id}, active_admin_ids)


def ensure_admin_remains_without(
    user_ids: Collection[int], active_admin_ids: frozenset[int]
) -> None:
    """Refuse to lose those users when all active administrators are among them.

    Raises `LastAdmin`.
    """
    if active_admin_ids and active_admin_ids.issubset(user_ids):
        raise LastAdmin


def can_be_freed(verified_at: datetime | None, set_at: datetime | None, now: datetime) -> bool:
    """Say whether an address is given to whoever proves it.

    It is not where it was proven, nor where it is not known since when it has been the account's:
    that was before proof was asked for.
    """
    if verified_at is not None or set_at is None:
        return False
    return now >= set_at + KEPT_UNPROVEN_FOR
