from pathlib import Path

import pytest
from benchmarks.cluster import __main__ as cluster
from benchmarks.cluster import programs
from benchmarks.cluster.installation import Installation
from benchmarks.cluster.page import BEGIN, END, PAGE, Result, report, write_page
from benchmarks.cluster.programs import PackageMissing, program, shipped
from benchmarks.cluster.scenario import Scenario
from benchmarks.cluster.scenarios import SCENARIOS
from benchmarks.faults.case import Seen

pytestmark = pytest.mark.any_database


def run(_: Installation) -> Seen:
    return Seen("nothing lost")


ONE = Scenario("C1", "it is killed", "nothing lost", run)


def test_a_report_has_a_row_for_each_scenario_and_names_what_is_missed() -> None:
    fine = Result(ONE, Seen("a | b", acknowledged=1200, in_doubt=3))
    late = Result(ONE, Seen("9 s", misses=["N1: 1"], late=["within 9 s"], acknowledged=1))

    text = report([fine, late], 150)

    assert "| C1 | it is killed | nothing lost | a / b |" in text
    assert "| C1 | it is killed | nothing lost | **missed** 9 s |" in text
    assert "took 2 minutes: 1,201 changes were acknowledged and 3 left in doubt" in text
    assert "1 of 2 miss something" in text
    assert text.endswith("Missed by C1: N1: 1; within 9 s")


def test_results_take_the_place_of_the_former_ones(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")

    write_page("new", page)

    assert page.read_text(encoding="utf-8") == f"before\n{BEGIN}\n\nnew\n\n{END}\nafter\n"


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"page\.md has no place"):
        write_page("new", page)

    assert page.read_text(encoding="utf-8") == "nothing\n"


def test_the_page_has_a_place_for_results() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert text.index(BEGIN) < text.index(END)


def test_each_scenario_has_a_name_of_its_own() -> None:
    assert len({scenario.name for scenario in SCENARIOS}) == len(SCENARIOS)


def test_a_missing_package_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(programs, "_PLACES", str(tmp_path))
    monkeypatch.setattr("sys.argv", ["cluster"])

    assert cluster.main() == 1

    told = capsys.readouterr().out
    assert told == (
        "make cluster: the Debian package patroni is missing: apt-get install patroni\n"
    )
    with pytest.raises(PackageMissing, match="package etcd-server is"):
        program("etcd")


def test_a_pattern_that_a_shipped_file_has_not_is_noticed() -> None:
    text = shipped("patroni/patroni.yml", {r"^name: one$": r"name: \two"})

    assert "\nname: \\two\n" in text
    with pytest.raises(LookupError, match="has no nothing of the kind"):
        shipped("patroni/patroni.yml", {"nothing of the kind": ""})
