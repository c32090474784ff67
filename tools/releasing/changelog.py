"""CHANGELOG.md: what its Unreleased section says, and how a release closes that section."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Self

from releasing import Refused
from releasing.versions import Change, Version

_SECTION = re.compile(r"^## \[Unreleased\]\n(?P<body>.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
# A paragraph, which may go on over several lines.
_ANNOUNCEMENT = re.compile(
    r"^This will be version (?P<version>[0-9.]*[0-9]).*\n(?:.+\n)*\n*", re.MULTILINE
)
_BREAKING = re.compile(r"^### Breaking\n(?P<body>.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^#.*$", re.MULTILINE)


@dataclass(frozen=True)
class Unreleased:
    """The section for what is not released yet."""

    announced: Version | None
    body: str

    @classmethod
    def of(cls, changelog: str) -> Self:
        """Read the section of a changelog."""
        body = _section(changelog)["body"]
        announcement = _ANNOUNCEMENT.search(body)
        announced = Version.parse(announcement["version"]) if announcement else None
        return cls(announced=announced, body=_ANNOUNCEMENT.sub("", body).strip())

    @property
    def is_empty(self) -> bool:
        """Whether nothing but headings is there."""
        return not _HEADING.sub("", self.body).strip()

    @property
    def names_a_break(self) -> bool:
        """Whether `### Breaking` says something."""
        breaking = _BREAKING.search(self.body)
        return breaking is not None and bool(breaking["body"].strip())

    def objection_to(self, change: Change, last: Version) -> str | None:
        """Return what is missing for the contract to change like that after `last`, if anything."""
        if change is not Change.BREAKING:
            return None
        needed = last.after(change)
        if not self.names_a_break:
            return "a breaking change needs a '### Breaking' section under Unreleased"
        if self.announced is None:
            return (
                f"a breaking change needs a line under Unreleased: 'This will be version {needed}.'"
            )
        if self.announced < needed:
            return (
                f"a breaking change after {last} needs version {needed} or later; "
                f"{self.announced} is announced"
            )
        return None


def released(changelog: str, version: Version, day: dt.date) -> str:
    """Return the changelog with its Unreleased section under `version`, and a new empty one."""
    section = _section(changelog)
    head, rest = changelog[: section.start()], changelog[section.end() :]
    body = Unreleased.of(changelog).body
    closed = f"## [Unreleased]\n\n## [{version}] - {day.isoformat()}\n\n{body}\n"
    return head + closed + (f"\n{rest}" if rest else "")


def _section(changelog: str) -> re.Match[str]:
    section = _SECTION.search(changelog)
    if section is None:
        message = "CHANGELOG.md has no section '## [Unreleased]'"
        raise Refused(message)
    return section
