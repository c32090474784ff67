"""Who may do what to other people's passwords."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

RESETTING = Requires(Role.ADMIN)
"""Who may make a user's password void."""
