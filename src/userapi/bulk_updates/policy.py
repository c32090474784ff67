"""Who may change many users at once."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

CHANGING_MANY = Requires(Role.ADMIN)
"""Who may change many users at once."""

TOLD_AT_ONCE = 100
"""How many users one job tells of their role."""
