"""What is audited of imports and exports."""

from userapi.kit.events import Event


class ImportEvent(Event):
    """What happens to many users at once; there is no event for each of them."""

    STARTED = "import:started"
    ENDED = "import:ended"
    CONTINUED = "import:continued"
    CANCELLED = "import:cancelled"
    EXPORTED = "users:exported"
