"""What PostgreSQL's plan of a statement tells that was run: how much it read, by which indexes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from userapi.kit.pagination import COUNTED_ROWS, MAX_PER_PAGE, SKIPPED_ROWS

Statement = tuple[str, Any]
Node = Mapping[str, Any]

_FEW = 2 * COUNTED_ROWS
"""So many rows may be read one after the other, or sorted: what is counted of a list at most."""

_SKIPPED = SKIPPED_ROWS + 2 * MAX_PER_PAGE
"""So many entries of an index may be read: before the last page that has a number, and it."""


_BLOCKS = 2_000
"""So many blocks of 8 KiB may be looked at: a third of an index of a million rows.

This finds what rows do not show: the entries of an index that a condition on it leaves out.
"""


_SORTED_KIB = 4 * 1024
"""So much may be sorted at once of what comes in parts: some 20,000 rows."""


@dataclass(frozen=True)
class Found:
    """How long a statement took, the most rows that a part of it read, its indexes and faults."""

    milliseconds: float
    rows: int
    blocks: int
    indexes: tuple[str, ...]
    faults: tuple[str, ...]


def explained(connection: Connection, statement: Statement, *, is_far: bool = False) -> Found:
    """Run a statement, and return what its plan tells.

    A page that `is_far`, and asked for by its number, may look at a block for each row before it:
    an index of what is sorted by in lower case has not what the rows have.
    """
    sql, parameters = statement
    explain = f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}"
    ((plan, *_),) = connection.exec_driver_sql(explain, parameters).scalars()
    return found_in(plan, is_far=is_far)


def found_in(plan: Node, *, is_far: bool = False) -> Found:
    """Return what a plan tells that has been run."""
    nodes = list(_nodes(plan["Plan"]))
    faults = [fault for node in nodes for fault in _faults_of(node)]
    blocks = sum(plan["Plan"].get(f"Shared {how} Blocks", 0) for how in ("Hit", "Read"))
    if blocks > _BLOCKS + (_SKIPPED if is_far else 0):
        faults.append(f"{blocks:,} blocks")
    return Found(
        milliseconds=plan["Execution Time"],
        rows=max(map(_read_by, nodes)),
        blocks=blocks,
        indexes=tuple(dict.fromkeys(it["Index Name"] for it in nodes if "Index Name" in it)),
        faults=tuple(faults),
    )


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _faults_of(node: Node) -> Iterator[str]:
    kind, rows = node["Node Type"], _read_by(node)
    table = node.get("Relation Name", "")
    if kind == "Seq Scan" and rows > _FEW:
        yield f"{kind} of {table}: {rows:,} rows"
    elif rows > _SKIPPED:
        yield f"{kind} {node.get('Index Name', table)}: {rows:,} rows"
    sorted_rows = sum(_given_by(below) for below in node.get("Plans", ()))
    # What is sorted in part comes from an index, and is sorted among its like.
    if kind == "Sort" and sorted_rows > _FEW:
        yield f"{kind} of {sorted_rows:,} rows"
    for memory in _sorted_in_part(node):
        if memory > _SORTED_KIB:
            yield f"{kind} of {memory:,} KiB at once"


def _sorted_in_part(node: Node) -> Iterator[int]:
    """Yield how many KiB were sorted at once at most, of each kind of groups."""
    for groups in ("Full-sort Groups", "Pre-sorted Groups"):
        for place in ("Sort Space Memory", "Sort Space Disk"):
            yield node.get(groups, {}).get(place, {}).get("Peak Sort Space Used", 0)


def _read_by(node: Node) -> int:
    """Return how many rows a node looked at: those it gave, and those that its filters left out."""
    left_out = ("Rows Removed by Filter", "Rows Removed by Index Recheck")
    counted = float(node["Actual Rows"]) + sum(float(node.get(name, 0)) for name in left_out)
    return round(counted * float(node["Actual Loops"]))


def _given_by(node: Node) -> int:
    return round(float(node["Actual Rows"]) * float(node["Actual Loops"]))
