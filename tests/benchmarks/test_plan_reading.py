from typing import Any

import pytest
from benchmarks.plan_reading import found_in
from benchmarks.plans import CASES


def node(kind: str, rows: int, *below: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"Node Type": kind, "Actual Rows": rows, "Actual Loops": 1, "Plans": below, **more}


def scan(kind: str, rows: int, *, left_out: int = 0) -> dict[str, Any]:
    names = {"Relation Name": "users", "Index Name": "ix_users"}
    if kind == "Seq Scan":
        del names["Index Name"]
    return node(kind, rows, **names, **{"Rows Removed by Filter": left_out})


def faults_of(plan: dict[str, Any]) -> tuple[str, ...]:
    return found_in({"Plan": plan, "Execution Time": 1.5}).faults


@pytest.mark.parametrize(
    "plan",
    [
        node("Limit", 101, scan("Index Scan", 101)),
        node("Limit", 10_001, scan("Seq Scan", 10_001)),
        node("Limit", 1, scan("Index Only Scan", 100_001)),
        node("Sort", 20, scan("Bitmap Heap Scan", 20)),
    ],
    ids=["a page by an index", "what is counted", "what is skipped", "a few in order"],
)
def test_what_a_list_may_do_is_no_fault(plan: dict[str, Any]) -> None:
    assert faults_of(plan) == ()


@pytest.mark.parametrize(
    ("plan", "fault"),
    [
        (scan("Seq Scan", 1_000_000), "Seq Scan of users: 1,000,000 rows"),
        (scan("Seq Scan", 1, left_out=50_000), "Seq Scan of users: 50,001 rows"),
        (scan("Index Scan", 1, left_out=500_000), "Index Scan ix_users: 500,001 rows"),
        (node("Sort", 100, scan("Index Scan", 50_000)), "Sort of 50,000 rows"),
        (node("Limit", 1, node("Sort", 1, scan("Index Scan", 50_000))), "Sort of 50,000 rows"),
    ],
    ids=["a whole table", "for one row", "an index for one row", "all sorted", "below a limit"],
)
def test_what_grows_with_the_table_is_a_fault(plan: dict[str, Any], fault: str) -> None:
    assert faults_of(plan) == (fault,)


def test_each_turn_of_a_loop_counts() -> None:
    turned = scan("Seq Scan", 100, left_out=50) | {"Actual Loops": 1_000}

    assert faults_of(node("Nested Loop", 1, turned)) == ("Seq Scan of users: 150,000 rows",)


def test_entries_of_an_index_that_are_passed_by_show_in_its_blocks() -> None:
    passed = {"Shared Hit Blocks": 1_500, "Shared Read Blocks": 1_000}

    assert faults_of(scan("Index Scan", 1) | passed) == ("2,500 blocks",)


def test_the_indexes_are_told_once_each() -> None:
    found = found_in(
        {
            "Plan": node("Limit", 2, scan("Index Scan", 1), scan("Index Scan", 1)),
            "Execution Time": 1.5,
        }
    )

    assert (found.milliseconds, found.indexes) == (1.5, ("ix_users",))


def test_a_list_with_filters_is_asked_for_with_them() -> None:
    case = next(it for it in CASES if "?" in it.path and it.size == "per_page")

    asked = dict(case.requests(1_000))

    assert asked["first page"] == f"{case.path}&per_page=100"
    assert asked["by number"] == f"{case.path}&per_page=100&page=6"
    assert asked["backwards"].startswith(f"{case.path}&per_page=100&cursor=~")
