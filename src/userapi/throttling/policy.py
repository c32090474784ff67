"""Who may lift a stop."""

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal, Role


def ensure_may_unlock(principal: Principal) -> None:
    """Let only admins unlock logins; raise `NotAllowed`."""
    if not principal.has_role(Role.ADMIN):
        raise NotAllowed
