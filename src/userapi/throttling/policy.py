"""Who may end a lockout."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

UNLOCKING = Requires(Role.ADMIN)
"""Who may unlock users."""
