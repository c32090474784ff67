"""Whose devices one may look at and forget."""

from userapi.kit.permissions import OwnerOr, Requires
from userapi.kit.principal import Role

MANAGING = OwnerOr(Role.ADMIN)
"""Who may look at a user's devices and forget them: the person, and admins."""

MANAGING_OTHERS = Requires(Role.ADMIN)
"""Who may do that with the devices of any user."""
