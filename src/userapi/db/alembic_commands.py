"""Alembic's commands. Only `db.migrations` loads this, and only where it is needed."""

import os
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple
from sqlalchemy import Engine

from userapi.db.branches import Branch
from userapi.db.engine import reading
from userapi.db.files import create_sqlite_file
from userapi.db.floors import unknown_floors
from userapi.db.harms import ensure_harmless
from userapi.db.losses import losses_of
from userapi.db.migrating import alone, patiently
from userapi.db.migration_limits import MigrationLimits
from userapi.db.revisions import RELEASED, VERSIONS, SchemaState, revisions_in
from userapi.db.scripts import ensure_in_checkout, load_scripts

_NEWER = (SchemaState.NEWER, SchemaState.BEYOND)


class AlembicCommands:
    """Alembic with the migrations of a folder and of the branches, on one database.

    The commands print what Alembic prints, and raise `alembic.util.CommandError`.
    """

    def __init__(self, *, engine: Engine, location: Path, branches: Sequence[Branch]) -> None:
        self._engine = engine
        self._location = location
        self._branches = {branch.label: branch for branch in branches}

    @property
    def _own_versions(self) -> Path:
        return self._location / VERSIONS

    @property
    def _config(self) -> Config:
        return self._config_with(tuple(self._branches.values()))

    def _config_with(self, branches: Sequence[Branch]) -> Config:
        # Alembic's default is what standard output was when Alembic was imported.
        config = Config(stdout=sys.stdout)
        folders = [branch.folder for branch in branches]
        versions = os.pathsep.join(str(folder) for folder in (self._own_versions, *folders))
        config.set_main_option("script_location", str(self._location).replace("%", "%%"))
        config.set_main_option("version_locations", versions.replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["engine"] = self._engine
        return config

    @cached_property
    def _scripts(self) -> ScriptDirectory:
        return self._read_scripts()

    def _read_scripts(self) -> ScriptDirectory:
        return load_scripts(tuple(self._branches.values()), self._config_with)

    @cached_property
    def _known(self) -> frozenset[str]:
        return _revisions_of(self._scripts)

    @cached_property
    def heads(self) -> frozenset[str]:
        """The newest revision of each branch that this version of the program knows."""
        return frozenset(self._scripts.get_heads())

    def state_of(self, current: frozenset[str]) -> SchemaState:
        """Compare a database's revisions with the migrations, branch by branch.

        A revision that is not known comes from a later version or from a feature that was removed.
        It stands for a later version of the branches of which the database has no known revision.
        """
        known = current & self._known
        missing = self.heads - self._reached(known)
        if not missing:
            return SchemaState.CURRENT
        if known == current or any(known & self._line_to(head) for head in missing):
            return SchemaState.BEHIND
        return SchemaState.BEYOND if self.floors_above() else SchemaState.NEWER

    def floors_above(self) -> dict[str, str]:
        """Return what programs must know to work with the database and this one does not."""
        return unknown_floors(self._engine, self._branches, self._known)

    def _reached(self, revisions: frozenset[str]) -> set[str]:
        """Return the newest revisions of each branch: these, and what they depend on.

        Where a migration depends on the newest one of another branch, the database lists it alone.
        """
        return {script.revision for script in self._scripts.get_all_current(tuple(revisions))}

    def _line_to(self, head: str) -> set[str]:
        """Return the revisions of the branch that ends there."""
        line: set[str] = set()
        left = [head]
        while left:
            script = self._scripts.get_revision(left.pop())
            line.add(script.revision)
            left += to_tuple(script.down_revision, default=())
        return line

    def _ensure_known(self) -> None:
        """Raise `CommandError` where the database has migrations that are not here."""
        # They are read again: one may have been written.
        unknown = ", ".join(
            sorted(revisions_in(self._engine) - _revisions_of(self._read_scripts()))
        )
        if unknown:
            message = (
                f"the database has migrations that are not installed: {unknown}. Install what has "
                "them, the newer userapi or the package of the feature. Before you remove such a "
                "package, take its tables out: userapi db downgrade BRANCH@base"
            )
            raise CommandError(message)

    def upgrade(
        self, revision: str = "heads", limits: MigrationLimits | None = None
    ) -> SchemaState | None:
        """Apply the migrations up to `revision`; "heads" are the newest of all branches.

        Ours go first: those of features build on them. Where there is no SQLite file, it is made.
        Returns the state of a schema that is newer, which stays as it is.
        """
        limits = limits or MigrationLimits()
        create_sqlite_file(self._engine)
        with alone(self._engine, limits.turn):
            # Whose turn was before may have been a newer version's.
            if revision == "heads" and (state := self._state()) in _NEWER:
                return state
            self._ensure_known()
            steps = [revision]
            if revision == "heads" and self._branches:
                steps.insert(0, self._labelled_heads[None])
            for step in steps:
                self._run(command.upgrade, step, limits)
        return None

    def _state(self) -> SchemaState:
        return self.state_of(revisions_in(self._engine))

    def _run(
        self, migrate: Callable[[Config, str], None], revision: str, limits: MigrationLimits
    ) -> None:
        config = self._config
        config.attributes["limits"] = limits
        patiently(self._engine, limits, lambda: migrate(config, revision))

    def losses(self, revision: str) -> list[tuple[str, tuple[str, ...]]]:
        """Return the migrations that a downgrade takes back, each with what it deletes."""
        label, is_labelled, _ = revision.partition("@")
        if is_labelled:
            self._ensure_branch(label)
        self._ensure_known()
        with reading(self._engine).connect() as connection:
            return list(losses_of(self._read_scripts(), connection, revision))

    def downgrade(self, revision: str, limits: MigrationLimits | None = None) -> None:
        """Take migrations back down to `revision`; "base" empties the database, ours last."""
        limits = limits or MigrationLimits()
        with alone(self._engine, limits.turn):
            self._ensure_known()
            labels = reversed(self._branches) if revision == "base" else ()
            steps = [f"{label}@base" for label in labels if label in self._labelled_heads]
            for step in (*steps, revision):
                self._run(command.downgrade, step, limits)

    def revise(self, message: str, label: str | None = None) -> None:
        """Write a new migration from the difference between the models and the database.

        `label` names the branch that it belongs to; without it that is our own. Only the tables
        of the branch are compared.
        """
        if label is not None:
            self._ensure_branch(label)
        self._ensure_known()
        config = self._config
        config.attributes["is_compared"] = self._is_compared(label)
        folder = self._own_versions if label is None else self._branches[label].folder
        ensure_in_checkout(folder)
        heads = self._labelled_heads
        options: dict[str, Any] = {"head": heads.get(label) or "base", "version_path": str(folder)}
        if label is not None and label not in heads:
            # Not on our newest one: it would stand in the database for that one too.
            options |= {"branch_label": label, "depends_on": self._our_first}
        command.revision(config, message=message, autogenerate=True, **options)

    def _ensure_branch(self, label: str) -> None:
        """Raise `CommandError` for a branch that is not there: Alembic takes it for all of them."""
        if label not in self._branches:
            known = ", ".join(sorted(self._branches)) or "none"
            message = f"there is no branch {label}; the branches of features are: {known}"
            raise CommandError(message)

    @property
    def _labelled_heads(self) -> dict[str | None, str]:
        """Return the newest revision of each branch, by its label; None stands for ours."""
        return {self._label_of(head): head for head in self.heads}

    @property
    def _our_first(self) -> str:
        bases = self._scripts.get_bases()
        return next(revision for revision in bases if self._label_of(revision) is None)

    def _label_of(self, revision: str) -> str | None:
        """Return the branch of a revision; None for ours."""
        labels = self._scripts.get_revision(revision).branch_labels
        return next((label for label in labels if label in self._branches), None)

    def _is_compared(self, label: str | None) -> Callable[[str], bool]:
        if label is not None:
            return self._branches[label].tables.__contains__
        others = {table for branch in self._branches.values() for table in branch.tables}
        return lambda table: table not in others

    def ensure_harmless(self, since: Sequence[str]) -> None:
        """Raise `CommandError` where migrations since a release harm its programs.

        `since` are the newest revisions of that release; of ours, the last release's by default.
        """
        released = (self._location / RELEASED).read_text(encoding="utf-8").split()
        ensure_harmless(self._read_scripts(), (*released, *since))

    def print_history(self) -> None:
        """Print all migrations."""
        self._read_scripts()  # what cannot be read is told with its feature
        command.history(self._config)

    def print_current(self) -> None:
        """Print the database's revisions; nothing where it has none."""
        self._ensure_known()
        command.current(self._config)

    def check(self) -> None:
        """Raise `CommandError` when the models and the database differ."""
        self._ensure_known()
        command.check(self._config)


def _revisions_of(scripts: ScriptDirectory) -> frozenset[str]:
    return frozenset(script.revision for script in scripts.walk_revisions())
