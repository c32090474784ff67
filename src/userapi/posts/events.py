"""What is audited of posts."""

from userapi.kit.events import Event


class PostEvent(Event):
    """What happens to posts."""

    CREATED = "post:created"
    UPDATED = "post:updated"
    DELETED = "post:deleted"
