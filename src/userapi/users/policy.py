"""Who may do what to a user."""

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal, Role
from userapi.users.errors import LastAdmin


def ensure_may_edit(principal: Principal, user_id: int, *, changes_activity: bool) -> None:
    """Let people edit themselves and admins edit everybody; activity is for admins.

    Raises `NotAllowed`.
    """
    if principal.has_role(Role.ADMIN):
        return
    if changes_activity or principal.user_id != user_id:
        raise NotAllowed


def ensure_may_delete(principal: Principal) -> None:
    """Let only admins delete users; raise `NotAllowed`."""
    if not principal.has_role(Role.ADMIN):
        raise NotAllowed


def ensure_admin_remains(user_id: int, active_admin_ids: frozenset[int]) -> None:
    """Refuse to lose that user as the last of the active administrators.

    Raises `LastAdmin`.
    """
    if active_admin_ids == {user_id}:
        raise LastAdmin
