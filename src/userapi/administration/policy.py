"""Who may look after accounts, and how long the first link works."""

from datetime import timedelta

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

CREATING_USERS = Requires(Role.ADMIN)
"""Who may make accounts for others."""

SETTING_ADDRESSES = Requires(Role.ADMIN)
"""Who may give users other addresses."""

FIRST_LINK_LIFETIME = timedelta(days=3)
"""How long the link works by which the owner of a new account chooses a password."""
