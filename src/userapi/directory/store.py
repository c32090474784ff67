"""The index that a search goes by on PostgreSQL, which needs an extension."""

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from userapi.directory.documents import POSTGRESQL_DOCUMENT, SEARCH_INDEX
from userapi.kit.errors import OperatorError

_IS_VALID = "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)"
_SAMPLED = 1000


class NoSearchIndex(OperatorError):
    """The database needs no index for searches."""

    message = "SQLite needs no such index: the migrations made its table for searches"


class NoTrigrams(OperatorError):
    """PostgreSQL has no trigrams, or not for this role."""

    message = (
        "PostgreSQL's extension pg_trgm cannot be added: install the contrib modules of its "
        "release, or have a superuser run CREATE EXTENSION pg_trgm in this database"
    )


class SearchIndex:
    """Makes and drops the index, while users come and go."""

    def __init__(self, *, engine: Engine) -> None:
        self._engine = engine

    def create(self) -> bool:
        """Make the index; return whether there was none. Raise `NoSearchIndex` or `NoTrigrams`."""
        with self._connection() as connection:
            if connection.scalar(text(_IS_VALID), {"name": SEARCH_INDEX}):
                return False
            _add_trigrams(connection)
            # One that was broken off is left behind, and of no use.
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {SEARCH_INDEX}"))
            connection.execute(
                text(
                    f"CREATE INDEX CONCURRENTLY {SEARCH_INDEX} ON users "
                    f"USING gin (({POSTGRESQL_DOCUMENT}) gin_trgm_ops)"
                )
            )
            # Of many sampled documents the planner tells how often a word comes.
            connection.execute(
                text(f"ALTER INDEX {SEARCH_INDEX} ALTER COLUMN 1 SET STATISTICS {_SAMPLED}")
            )
            connection.execute(text("ANALYZE users"))
        return True

    def drop(self) -> bool:
        """Drop the index; return whether there was one. Raise `NoSearchIndex`."""
        with self._connection() as connection:
            is_there = connection.scalar(text("SELECT to_regclass(:name)"), {"name": SEARCH_INDEX})
            connection.execute(text(f"DROP INDEX CONCURRENTLY IF EXISTS {SEARCH_INDEX}"))
        return is_there is not None

    def _connection(self) -> Connection:
        if self._engine.dialect.name != "postgresql":
            raise NoSearchIndex
        return self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _add_trigrams(connection: Connection) -> None:
    try:
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except DBAPIError as error:
        raise NoTrigrams from error
