"""The vocabulary of the audit trail: each feature brings its own words."""

from enum import StrEnum


class Event(StrEnum):
    """The base of what can happen in a feature: `<thing>:<what happened to it>`."""


def known_events() -> list[str]:
    """Return the events of every feature that has been imported, in the order of their names."""
    return sorted(event.value for vocabulary in Event.__subclasses__() for event in vocabulary)
