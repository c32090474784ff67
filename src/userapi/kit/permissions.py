"""Rules about who may do what, as values.

The operation and its service decide by the same value, and the document tells it.
"""

from dataclasses import dataclass

from userapi.kit.errors import NotAllowed
from userapi.kit.principal import Principal, Role


@dataclass(frozen=True, slots=True)
class Requires:
    """The rule that something is for callers with a role."""

    role: Role

    def ensure(self, principal: Principal) -> None:
        """Raise `NotAllowed` unless the caller has the role."""
        if not principal.has_role(self.role):
            raise NotAllowed


@dataclass(frozen=True, slots=True)
class OwnerOr:
    """The rule that something is for its owner, and for every caller with a role."""

    role: Role

    def allows(self, principal: Principal, owner_id: int) -> bool:
        """Say whether the caller is that owner or has the role."""
        return principal.user_id == owner_id or principal.has_role(self.role)

    def ensure(self, principal: Principal, owner_id: int) -> None:
        """Raise `NotAllowed` unless the caller is that owner or has the role."""
        if not self.allows(principal, owner_id):
            raise NotAllowed


Rule = Requires | OwnerOr

ANY_USER = Requires(Role.USER)
"""The rule that something is for everybody who has an account."""
