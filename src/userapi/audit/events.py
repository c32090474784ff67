"""What is audited of the database as a whole."""

from userapi.kit.events import Event


class DatabaseEvent(Event):
    """What happens to the database."""

    RESTORED = "database:restored"
