"""A database's schema, as the commands and the readiness check use it."""

import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Engine

from userapi.db.branches import Branch
from userapi.db.migration_limits import MigrationLimits
from userapi.db.revisions import VERSIONS, SchemaState, newest_in, revisions_in
from userapi.kit.errors import OperatorError

if TYPE_CHECKING:
    from userapi.db.alembic_commands import AlembicCommands

_log = logging.getLogger(__name__)


class SchemaBehind(OperatorError):
    """The database lacks migrations that this version needs."""

    message = "the database's schema is behind this version; run: userapi db upgrade"


class SchemaBeyond(OperatorError):
    """The database was changed so that this version cannot work with it any more."""

    message = "the database's schema is beyond this version"

    def __init__(self, *, program: str, schema: str, floor: str) -> None:
        super().__init__()
        self._program, self._schema, self._floor = program, schema, floor

    def __str__(self) -> str:
        """Return the message, with the revisions and what to do."""
        return (
            f"{self.message}: it is at {self._schema}, for versions that know {self._floor}, and "
            f"this one ends at {self._program}; start the newer userapi, or have it go back: "
            f"userapi db downgrade {self._program}"
        )


def script_location() -> Path:
    """Return the folder of the migrations: in the wheel, or in the source tree."""
    package = Path(str(files("userapi")))
    packaged = package / "_alembic"
    return packaged if packaged.is_dir() else package.parents[1] / "alembic"


class Migrations:
    """One database's schema: its state, and Alembic's commands upon it.

    The commands print what Alembic prints, and raise `alembic.util.CommandError`.
    """

    def __init__(self, *, engine: Engine, branches: Sequence[Branch] = ()) -> None:
        self._engine = engine
        self._branches = branches

    @cached_property
    def _alembic(self) -> "AlembicCommands":
        # A server whose schema is current needs none of it: a sixteenth of a second and 9 MiB.
        from userapi.db.alembic_commands import AlembicCommands  # noqa: PLC0415 - see above

        return AlembicCommands(
            engine=self._engine, location=script_location(), branches=self._branches
        )

    @cached_property
    def heads(self) -> frozenset[str]:
        """The newest revision of each branch that this version of the program knows."""
        # What others bring is checked by reading all of it.
        newest = None if self._branches else newest_in(script_location() / VERSIONS)
        return self._alembic.heads if newest is None else frozenset((newest,))

    def current(self) -> frozenset[str]:
        """Return the database's revisions, one of each branch; none before the first migration."""
        return revisions_in(self._engine)

    def state(self) -> SchemaState:
        """Compare the database with the migrations of this version, branch by branch."""
        current = self.current()
        return SchemaState.CURRENT if current == self.heads else self._alembic.state_of(current)

    def ensure_current(self) -> None:
        """Raise `SchemaBehind` when migrations are missing, `SchemaBeyond` when too many are there.

        A newer schema that this version can go on with is only logged.
        """
        state = self.state()
        if state is SchemaState.BEHIND:
            raise SchemaBehind
        if state is SchemaState.BEYOND:
            raise self._beyond()
        if state is SchemaState.NEWER:
            _log.warning("the database's schema is newer than this version of the program")

    def is_behind(self) -> bool:
        """Say whether the database and this version are not for each other.

        Either lacks what the other has: `ensure_current` tells which, and what to do.
        """
        return self.state() in (SchemaState.BEHIND, SchemaState.BEYOND)

    def _beyond(self) -> SchemaBeyond:
        return SchemaBeyond(
            program=_listed(self.heads),
            schema=_listed(self.current()),
            floor=_listed(self._alembic.floors_above().values()),
        )

    def alone(self) -> AbstractContextManager[None]:
        """Have nobody else migrate the database meanwhile; raise `CommandError` after a while."""
        from userapi.db.migrating import alone  # noqa: PLC0415 - it loads Alembic

        return alone(self._engine, MigrationLimits.turn)

    def upgrade(self, revision: str = "heads", limits: MigrationLimits | None = None) -> None:
        """Apply the migrations up to `revision`; "heads" are the newest of all branches.

        Of many who do this at once one does it, and the others wait for that. A schema that is
        newer stays as it is; raises `SchemaBeyond` where this version cannot work with it.
        """
        if self._alembic.upgrade(revision, limits) is SchemaState.BEYOND:
            raise self._beyond()

    def losses(self, revision: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the migrations that a downgrade takes back, each with what it deletes."""
        return self._alembic.losses(revision)

    def downgrade(self, revision: str, limits: MigrationLimits | None = None) -> None:
        """Take migrations back down to `revision`; "base" empties the database, ours last."""
        self._alembic.downgrade(revision, limits)

    def revise(self, message: str, label: str | None = None) -> None:
        """Write a new migration; `label` names the branch that it belongs to, if not our own."""
        self._alembic.revise(message, label)

    def print_history(self) -> None:
        """Print all migrations."""
        self._alembic.print_history()

    def print_current(self) -> None:
        """Print the database's revisions; nothing where it has none."""
        self._alembic.print_current()

    def check(self) -> None:
        """Raise `CommandError` when the models and the database differ."""
        self._alembic.check()

    def ensure_harmless(self, since: Sequence[str] = ()) -> None:
        """Raise `CommandError` where migrations since the last release harm its programs.

        `since` names the newest revisions that features had in their last releases.
        """
        self._alembic.ensure_harmless(since)


def _listed(revisions: Iterable[str]) -> str:
    return ", ".join(sorted(revisions))
