"""Who may do what to a user."""

from userapi.kit.errors import NotAllowed
from userapi.kit.permissions import OwnerOr
from userapi.kit.principal import Principal, Role
from userapi.users.errors import LastAdmin

EDITING = OwnerOr(Role.ADMIN)
"""Who may change a user: the person, and admins."""


def ensure_may_edit(principal: Principal, user_id: int, *, changes_activity: bool) -> None:
    """Let people edit themselves and admins edit everybody; activity is for admins.

    Raises `NotAllowed`.
    """
    EDITING.ensure(principal, user_id)
    if changes_activity:
        _ensure_admin(principal)


def ensure_may_delete(principal: Principal) -> None:
    """Let only admins delete users; raise `NotAllowed`."""
    _ensure_admin(principal)


def ensure_may_set_role(principal: Principal) -> None:
    """Let only admins set roles; raise `NotAllowed`."""
    _ensure_admin(principal)


def ensure_admin_remains(user_id: int, active_admin_ids: frozenset[int]) -> None:
    """Refuse to lose that user as the last of the active administrators.

    Raises `LastAdmin`.
    """
    if active_admin_ids == {user_id}:
        raise LastAdmin


def _ensure_admin(principal: Principal) -> None:
    if not principal.has_role(Role.ADMIN):
        raise NotAllowed
