"""Who may see closed accounts; who may list the others is a setting of users."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

LISTING_DELETED = Requires(Role.ADMIN)
"""Who may list closed accounts."""
