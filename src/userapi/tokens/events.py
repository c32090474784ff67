"""What is audited of signing keys."""

from userapi.kit.events import Event


class KeyEvent(Event):
    """What happens to the keys that sign tokens."""

    CREATED = "key:created"
    RETIRED = "key:retired"

    @classmethod
    def stays_for_ever(cls) -> bool:
        """Say yes: by these events a key that was put back, or by a stranger, is recognised."""
        return True
