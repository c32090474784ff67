"""Whose sessions one may look at and end."""

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal, Role


def ensure_may_manage(principal: Principal, user_id: int) -> None:
    """Let people manage their own sessions and admins everybody's; raise `NotAllowed`."""
    if principal.user_id != user_id and not principal.has_role(Role.ADMIN):
        raise NotAllowed
