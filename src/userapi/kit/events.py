"""The vocabulary of the audit trail: each feature brings its own words."""

from enum import StrEnum


class Event(StrEnum):
    """The base of what can happen in a feature: `<thing>:<what happened to it>`."""

    @classmethod
    def stays_for_ever(cls) -> bool:
        """Say whether the feature relies on its events, and none may be deleted."""
        return False


def known_events() -> list[str]:
    """Return the events of every feature that has been imported, in the order of their names."""
    return sorted(event.value for vocabulary in Event.__subclasses__() for event in vocabulary)


def lasting_events() -> list[str]:
    """Return those of them that are never deleted."""
    vocabularies = [each for each in Event.__subclasses__() if each.stays_for_ever()]
    return sorted(event.value for vocabulary in vocabularies for event in vocabulary)
