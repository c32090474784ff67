"""Who may do what to a post."""

from userapi.kit.permissions import OwnerOr
from userapi.kit.principal import Principal, Role

WRITING = OwnerOr(Role.MODERATOR)
"""Who may change and delete a post: its author, and moderators."""


def ensure_may_write(principal: Principal, author_id: int) -> None:
    """Let authors change and delete what they wrote, and moderators everything.

    Raises `NotAllowed`.
    """
    WRITING.ensure(principal, author_id)
