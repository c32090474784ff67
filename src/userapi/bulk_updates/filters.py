"""Which users are meant: all criteria that are given must hold."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from userapi.kit.principal import Role


@dataclass(frozen=True, slots=True)
class UserFilter:
    """Living users; None leaves a criterion out. `created_after` is within, the other is not."""

    ids: Sequence[int] | None = None
    role: Role | None = None
    is_active: bool | None = None
    email_verified: bool | None = None
    created_after: datetime | None = None
    created_before: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether it has no criterion, and all users would be meant."""
        return all(getattr(self, field.name) is None for field in fields(self))
