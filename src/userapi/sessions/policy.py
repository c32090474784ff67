"""Whose sessions one may look at and end."""

from userapi.kit.permissions import OwnerOr, Requires
from userapi.kit.principal import Role

MANAGING = OwnerOr(Role.ADMIN)
"""Who may look at a user's sessions and end them: the person, and admins."""

MANAGING_OTHERS = Requires(Role.ADMIN)
"""Who may do that with the sessions of any user."""
