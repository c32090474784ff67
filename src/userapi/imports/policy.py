"""Who may import and export."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

IMPORTING = Requires(Role.ADMIN)
"""Who may import users, with any role, and see and cancel imports."""

EXPORTING = Requires(Role.ADMIN)
"""Who may export all users."""


def may_still_import(requester: Role | None) -> bool:
    """Say whether somebody may import who has that role now; None is no active user."""
    return requester is not None and requester.includes(IMPORTING.role)
