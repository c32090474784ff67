"""Who may do what to a post."""

from userapi.kit.permissions import OwnerOr
from userapi.kit.principal import Role

WRITING = OwnerOr(Role.MODERATOR)
"""Who may change and delete a post: its author, and moderators."""
