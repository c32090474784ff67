"""What is audited of notes."""

from userapi.kit.events import Event


class NoteEvent(Event):
    """What happens to notes."""

    CREATED = "note:created"
