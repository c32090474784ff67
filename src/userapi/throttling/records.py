"""Failed logins as they are read."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class ThrottleRecord:
    """The consecutive failures of a bucket, and until when nobody may try again."""

    failures: int
    blocked_until: datetime | None
