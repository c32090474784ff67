"""Who may do what to a user."""

from dataclasses import dataclass
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


def ensure_admin_remains(user_id: int, active_admin_ids: frozenset[int]) -> None:
    """Refuse to lose that user as the last of the active administrators.

    Raises `LastAdmin`.
    """
    if active_admin_ids == {user_id}:
        raise LastAdmin
