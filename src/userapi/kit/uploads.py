"""What bounds a file that comes as the body of a request."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How large a file may be, and how long it may take to arrive."""

    max_bytes: int
    timeout: timedelta
