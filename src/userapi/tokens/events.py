"""What is audited of signing keys."""

from userapi.kit.events import Event


class KeyEvent(Event):
    """What happens to the keys that sign tokens."""

    CREATED = "key:created"
    RETIRED = "key:retired"
