"""The vocabulary, and its description for those who run the service."""

import re
from pathlib import Path

import userapi.features  # noqa: F401 - imports every feature, and so every event
from userapi.audit.models import EVENT_LENGTH
from userapi.kit.events import known_events

GUIDE = Path(__file__).parents[2] / "docs" / "audit.md"


def test_the_guide_describes_exactly_the_events_there_are() -> None:
    described = re.findall(r"^\| `([a-z]+:[a-z-]+)` \| \S", GUIDE.read_text("utf-8"), re.MULTILINE)

    assert len(described) == len(set(described))
    differing = set(described) ^ set(known_events())
    assert differing == set(), "edit the table of events in docs/audit.md"


def test_every_event_is_a_thing_and_what_happened_to_it() -> None:
    assert [
        event for event in known_events() if not re.fullmatch("[a-z]+:[a-z]+(-[a-z]+)*", event)
    ] == []


def test_every_event_fits_its_column() -> None:
    assert max(len(event) for event in known_events()) <= EVENT_LENGTH
