"""Who may do what to a post."""

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal, Role


def ensure_may_write(principal: Principal, author_id: int) -> None:
    """Let authors change and delete what they wrote, and admins everything.

    Raises `NotAllowed`.
    """
    if principal.user_id != author_id and not principal.has_role(Role.ADMIN):
        raise NotAllowed
