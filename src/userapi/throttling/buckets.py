"""Where failed logins are counted."""

import hashlib
import hmac
import uuid


class Buckets:
    """Names the counters: 64 characters that tell nothing without the key."""

    def __init__(self, *, key: bytes) -> None:
        self._key = key

    def of_account(self, email: str) -> str:
        """Return the counter of a canonical address, whether an account has it or not."""
        return self._name(f"account:{email}")

    def of_device(self, device_id: uuid.UUID) -> str:
        """Return the counter of a known device."""
        return self._name(f"device:{device_id}")

    def _name(self, text: str) -> str:
        return hmac.new(self._key, text.encode(), hashlib.sha256).hexdigest()
