"""What the database plans for what is asked."""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event

from support.applications import engine_of

Statement = tuple[str, Any]


def statements_of(app: Flask, action: Callable[[], object]) -> list[Statement]:
    """Return what `action` reads and changes, with the parameters."""
    sent: list[Statement] = []

    def remember(*execution: Any) -> None:
        _connection, _cursor, statement, parameters, *_ = execution
        if statement.startswith(("SELECT", "UPDATE", "DELETE")):
            sent.append((statement, parameters))

    event.listen(Engine, "before_cursor_execute", remember)
    try:
        with app.app_context():
            action()
    finally:
        event.remove(Engine, "before_cursor_execute", remember)
    return sent


def plan(app: Flask, statement: Statement) -> str:
    sql, parameters = statement
    with engine_of(app).begin() as connection:
        if connection.dialect.name == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            return "\n".join(row.detail for row in rows)
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        return "\n".join(connection.exec_driver_sql(f"EXPLAIN {sql}", parameters).scalars())


def plan_of(app: Flask, action: Callable[[], object], *, mark: str) -> str:
    """Return the plan of the one statement of `action` that has `mark` in it."""
    (marked,) = [sent for sent in statements_of(app, action) if mark in sent[0]]
    return plan(app, marked)


def uses(index: str, plan: str) -> bool:
    """Say whether the index finds the rows, and in their order."""
    return re.search(rf"\b{index}\b", plan) is not None and not is_sorted_afterwards(plan)


def is_sorted_afterwards(plan: str) -> bool:
    return "Sort" in plan or "USE TEMP B-TREE" in plan
