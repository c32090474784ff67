"""Who holds the locks on PostgreSQL that a migration waits for."""

from dataclasses import dataclass

from sqlalchemy import Engine, text

from userapi.db.engine import reading

_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Blocker:
    """A process of the server that holds a lock, and what it may be known by.

    Of other roles' sessions PostgreSQL tells only the process and, to members, the rest.
    """

    process: int
    name: str
    state: str
    seconds: int | None

    def __str__(self) -> str:
        lasting = "" if self.seconds is None else f", its transaction {self.seconds} s old"
        return f"{self.name or 'a session'} (process {self.process}, {self.state}{lasting})"


_HOLDERS = text("""
SELECT DISTINCT l.pid, coalesce(nullif(a.application_name, ''), a.usename, a.backend_type, ''),
    coalesce(a.state, 'running'),
    extract(epoch FROM clock_timestamp() - a.xact_start)::int AS seconds,
    position(c.relname IN :statement) > 0 AS is_named
FROM pg_locks l
JOIN pg_class c ON c.oid = l.relation AND c.relnamespace = 'public'::regnamespace
LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.pid <> pg_backend_pid()
    AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (a.xact_start IS NULL OR a.xact_start < clock_timestamp() - make_interval(secs => :waited))
ORDER BY is_named DESC, seconds DESC NULLS LAST
""")


def blockers_of(engine: Engine, statement: str, waited: float) -> list[Blocker]:
    """Return who has held locks on tables for as long as a statement has waited, at most three.

    Those on the tables that it names, where there are any; it no longer waits, and cannot be asked.
    """
    with reading(engine).connect() as connection:
        rows = connection.execute(_HOLDERS, {"statement": statement, "waited": waited}).all()
    named = [row for row in rows if row.is_named] or rows
    found = {row.pid: Blocker(*row[:4]) for row in reversed(named)}
    return list(reversed(found.values()))[:_SHOWN]
