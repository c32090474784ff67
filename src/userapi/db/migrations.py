"""Alembic, as the commands and the readiness check use it."""

import logging
import sys
from enum import Enum
from functools import cached_property
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from userapi.db.engine import reading
from userapi.kit.errors import OperatorError

_log = logging.getLogger(__name__)


class SchemaBehind(OperatorError):
    """The database lacks migrations that this version needs."""

    message = "the database's schema is behind this version; run: userapi db upgrade"


class SchemaState(Enum):
    """How the database's schema stands to the migrations of this version of the program."""

    BEHIND = "behind"
    CURRENT = "current"
    NEWER = "newer"


def script_location() -> Path:
    """Return the folder of the migrations: in the wheel, or in the source tree."""
    package = Path(str(files("userapi")))
    packaged = package / "_alembic"
    return packaged if packaged.is_dir() else package.parents[1] / "alembic"


class Migrations:
    """One database's schema: its state, and Alembic's commands upon it.

    The commands print what Alembic prints, and raise `alembic.util.CommandError`.
    """

    def __init__(self, *, engine: Engine) -> None:
        self._engine = engine

    @property
    def _config(self) -> Config:
        # Alembic's default is what standard output was when Alembic was imported.
        config = Config(stdout=sys.stdout)
        config.set_main_option("script_location", str(script_location()).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["engine"] = self._engine
        return config

    @cached_property
    def _scripts(self) -> ScriptDirectory:
        return ScriptDirectory.from_config(self._config)

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(script.revision for script in self._scripts.walk_revisions())

    @cached_property
    def head(self) -> str | None:
        """The newest revision that this version of the program knows."""
        return self._scripts.get_current_head()

    def current(self) -> str | None:
        """Return the database's revision; None before the first migration."""
        with reading(self._engine).connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()

    def state(self) -> SchemaState:
        """Compare the database with the migrations.

        A revision that this version does not know comes from a later version: `NEWER`.
        """
        current = self.current()
        if current == self.head:
            return SchemaState.CURRENT
        if current is None or current in self._known:
            return SchemaState.BEHIND
        return SchemaState.NEWER

    def ensure_current(self) -> None:
        """Raise `SchemaBehind` when migrations are missing; a newer schema is only logged."""
        state = self.state()
        if state is SchemaState.BEHIND:
            raise SchemaBehind
        if state is SchemaState.NEWER:
            _log.warning("the database's schema is newer than this version of the program")

    def is_behind(self) -> bool:
        """Say whether the database lacks migrations that this version knows."""
        return self.state() is SchemaState.BEHIND

    def upgrade(self, revision: str = "head") -> None:
        """Apply the migrations up to `revision`."""
        command.upgrade(self._config, revision)

    def downgrade(self, revision: str) -> None:
        """Take migrations back down to `revision`; "base" empties the database."""
        command.downgrade(self._config, revision)

    def revise(self, message: str) -> None:
        """Write a new migration from the difference between the models and the database."""
        command.revision(self._config, message=message, autogenerate=True)

    def print_history(self) -> None:
        """Print all migrations."""
        command.history(self._config)

    def print_current(self) -> None:
        """Print the database's revision."""
        command.current(self._config)

    def check(self) -> None:
        """Raise `CommandError` when the models and the database differ."""
        command.check(self._config)
