"""A feature in a package of its own: its tests, and how it is found."""

import sys
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, cast

import pytest

from support.processes import clean_environment, run_python
from support.repeating import repeated
from userapi import features
from userapi.container import Feature, FeatureList, Implements, Shared, WiringError, build_parts

NOTES = Path(__file__).parents[2] / "examples" / "notes"


@pytest.mark.parametrize("database", ["sqlite", repeated("postgresql")], indirect=True)
def test_the_package_holds_on_its_own_tests(empty_database_url: str, tmp_path: Path) -> None:
    variables = clean_environment(
        PYTHONPATH=str(NOTES / "src"), NOTES_DATABASE_URL=empty_database_url
    )
    options = ("-q", "-p", "no:cacheprovider", f"--rootdir={NOTES}")

    ended = run_python(
        "-m", "pytest", *options, str(NOTES / "tests"), folder=tmp_path, variables=variables
    )

    assert ended.returncode == 0, ended.stdout + ended.stderr


def offered(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    entry = EntryPoint(name="one", value=value, group=features.ENTRY_POINTS)
    monkeypatch.setattr(features, "entry_points", lambda **_: [entry])


def test_an_installed_package_offers_its_feature(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "OFFERED", Feature(name="offered"), raising=False)
    offered(monkeypatch, f"{__name__}:OFFERED")

    assert features.all_features()[-1].name == "offered"


def test_what_is_no_manifest_is_refused_by_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    offered(monkeypatch, f"{__name__}:NOTES")

    with pytest.raises(WiringError, match=rf"{__name__}:NOTES: \w*Path is no userapi.container"):
        features.all_features()


class Clockwork:
    """A part."""


class Ticking:
    """What somebody has to implement."""

    def tick(self) -> int:
        """Return how often it has ticked."""
        raise NotImplementedError


class Ticker(Ticking):
    def tick(self) -> int:
        return 1


def parts(*given: Feature) -> dict[type, object]:
    shared = object.__new__(Shared)
    shared._parts, shared._late, shared._askers = {}, {}, {}
    return build_parts(FeatureList(given), shared)


def test_a_part_of_a_later_feature_is_missed_by_name() -> None:
    early = Feature(name="early", build=lambda shared: [shared.get(Clockwork)])

    with pytest.raises(WiringError, match="the feature early: Clockwork is not built yet"):
        parts(early, Feature(name="late", build=lambda _: [Clockwork()]))


def test_a_part_that_is_built_twice_is_refused() -> None:
    one = Feature(name="one", build=lambda _: [Clockwork()])
    two = Feature(name="two", build=lambda _: [Clockwork()])

    with pytest.raises(WiringError, match="the feature two: Clockwork is built twice"):
        parts(one, two)


def test_a_protocol_that_nobody_implements_is_missed_by_name() -> None:
    asking = Feature(name="asking", build=lambda shared: [shared.late(Ticking)])

    expected = "no feature implements Ticking, which the feature asking asks for"
    with pytest.raises(WiringError, match=expected):
        parts(asking)


def test_a_part_without_a_method_of_its_protocol_is_refused_by_name() -> None:
    given: Any = Implements(Ticking, cast("Ticking", Clockwork()))

    with pytest.raises(WiringError, match="Clockwork implements Ticking without tick"):
        parts(
            Feature(name="asking", build=lambda shared: [shared.late(Ticking)]),
            Feature(name="lacking", build=lambda _: [given]),
        )


def test_what_is_asked_for_early_is_bound_when_everything_is_built() -> None:
    early: list[Ticking] = []

    def ask(shared: Shared) -> list[object]:
        early.append(shared.late(Ticking))
        with pytest.raises(WiringError, match="while the application was being built"):
            early[0].tick()
        return []

    parts(
        Feature(name="asking", build=ask),
        Feature(name="ticking", build=lambda _: [Implements(Ticking, Ticker())]),
    )

    assert early[0].tick() == 1
