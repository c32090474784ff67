"""Which version a change needs, and what the changelog has to say about it."""

import datetime as dt
import re
from pathlib import Path

import pytest

from releasing import Refused
from releasing.changelog import Unreleased, released
from releasing.contract import Finding, change_made_by, version_of
from releasing.versions import Change, Version

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 3, 1)
ANNOUNCED = "This will be version 2.0.0, a large\nstep.\n\n"
BREAKING = "### Breaking\n\n- The field `name` is gone.\n\n"
ADDED = "### Added\n\n- Posts.\n"
OLDER = "\n## [1.4.2] - 2025-01-01\n\n### Breaking\n\n- All of it.\n"


def changelog(*unreleased: str) -> str:
    return "# Changelog\n\n## [Unreleased]\n\n" + "".join(unreleased) + OLDER


def objection_to_a_break(*unreleased: str, last: str = "1.4.2") -> str | None:
    section = Unreleased.of(changelog(*unreleased))
    return section.objection_to(Change.BREAKING, Version.parse(last))


class TestVersions:
    @pytest.mark.parametrize(
        "text", ["", "1", "1.2", "v1.2.3", "1.2.3.4", "01.2.3", "1.2.3-rc.1", "1.2.3\n", "1.2.٣"]
    )
    def test_what_is_no_version_is_refused(self, text: str) -> None:
        with pytest.raises(Refused, match="is no version"):
            Version.parse(text)

    def test_versions_are_ordered_by_number(self) -> None:
        assert Version.parse("1.10.0") > Version.parse("1.9.9")

    @pytest.mark.parametrize(
        ("last", "change", "lowest"),
        [
            ("1.4.2", Change.NONE, "1.4.3"),
            ("1.4.2", Change.COMPATIBLE, "1.5.0"),
            ("1.4.2", Change.BREAKING, "2.0.0"),
            ("0.4.2", Change.NONE, "0.4.3"),
            ("0.4.2", Change.COMPATIBLE, "0.5.0"),
            ("0.4.2", Change.BREAKING, "0.5.0"),
        ],
    )
    def test_a_change_has_a_lowest_version(self, last: str, change: Change, lowest: str) -> None:
        assert str(Version.parse(last).after(change)) == lowest


class TestChange:
    @pytest.mark.parametrize(
        ("breaks", "change"),
        [
            ([], Change.NONE),
            ([False, False], Change.COMPATIBLE),
            ([False, True], Change.BREAKING),
        ],
    )
    def test_one_break_makes_the_whole_a_break(self, breaks: list[bool], change: Change) -> None:
        findings = [Finding("GET /", "x", is_breaking=one) for one in breaks]
        assert change_made_by(findings) is change


class TestUnreleased:
    def test_a_changelog_without_the_section_is_refused(self) -> None:
        with pytest.raises(Refused, match="Unreleased"):
            Unreleased.of("# Changelog\n" + OLDER)

    @pytest.mark.parametrize("text", ["", ANNOUNCED, "### Added\n\n", ANNOUNCED + "### Added\n"])
    def test_headings_and_an_announcement_are_no_content(self, text: str) -> None:
        assert Unreleased.of(changelog(text)).is_empty

    def test_an_entry_is_content(self) -> None:
        assert not Unreleased.of(changelog(ADDED)).is_empty


class TestAnnouncedBreak:
    def test_a_named_break_under_a_new_major_version_is_accepted(self) -> None:
        assert objection_to_a_break(ANNOUNCED, BREAKING, ADDED) is None

    def test_before_1_0_0_a_new_minor_version_is_enough(self) -> None:
        announced = "This will be version 0.2.0.\n\n"
        assert objection_to_a_break(announced, BREAKING, last="0.1.7") is None

    @pytest.mark.parametrize("version", ["0.1.8", "0.1.7", "0.1.0"])
    def test_before_1_0_0_a_patch_is_not_enough(self, version: str) -> None:
        announced = f"This will be version {version}.\n\n"
        objection = objection_to_a_break(announced, BREAKING, last="0.1.7")
        assert objection is not None
        assert "needs version 0.2.0" in objection

    @pytest.mark.parametrize("version", ["1.5.0", "1.4.3", "1.4.2", "0.9.0"])
    def test_a_version_that_is_not_a_new_major_one_is_refused(self, version: str) -> None:
        objection = objection_to_a_break(f"This will be version {version}.\n\n", BREAKING)
        assert objection is not None
        assert "needs version 2.0.0" in objection

    def test_a_version_must_be_announced(self) -> None:
        assert "'This will be version 2.0.0.'" in (objection_to_a_break(BREAKING) or "")

    @pytest.mark.parametrize("text", [ADDED, "### Breaking\n\n" + ADDED, "A breaking change.\n"])
    def test_the_break_must_be_named_in_its_section(self, text: str) -> None:
        assert "### Breaking" in (objection_to_a_break(ANNOUNCED, text) or "")

    @pytest.mark.parametrize("change", [Change.NONE, Change.COMPATIBLE])
    def test_what_breaks_nothing_needs_no_announcement(self, change: Change) -> None:
        assert Unreleased.of(changelog()).objection_to(change, Version(1, 4, 2)) is None


class TestReleasedChangelog:
    def test_the_section_gets_its_version_and_day_and_loses_the_announcement(self) -> None:
        text = released(changelog(ANNOUNCED, BREAKING, ADDED), Version(2, 0, 0), DAY)
        assert text == (
            "# Changelog\n\n## [Unreleased]\n\n## [2.0.0] - 2026-03-01\n\n"
            + BREAKING
            + ADDED
            + OLDER
        )

    def test_the_first_release_has_nothing_below_it(self) -> None:
        text = released(f"## [Unreleased]\n\n{ADDED}", Version(0, 1, 0), DAY)
        assert text == f"## [Unreleased]\n\n## [0.1.0] - 2026-03-01\n\n{ADDED}"


def test_the_released_contract_is_that_of_the_newest_version_of_the_changelog() -> None:
    contract = ROOT / "openapi" / "released.json"
    assert contract.exists(), "openapi/released.json is missing: run make release VERSION=0.1.0"
    headings = re.findall(r"^## \[([0-9.]+)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[:1] == [str(version_of(contract))]


class TestKeptContracts:
    def test_the_contract_of_the_last_release_is_kept(self) -> None:
        last = ROOT / "openapi" / "released.json"
        kept = ROOT / "openapi" / "releases" / f"{version_of(last)}.json"

        assert kept.read_text(encoding="utf-8") == last.read_text(encoding="utf-8")
