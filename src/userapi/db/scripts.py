"""The migrations as Alembic reads them: our own, and those of the branches."""

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError, to_tuple

from userapi.db.branches import Branch

# Folders that packages are installed into; the last one is of our own wheel.
_INSTALLED = frozenset(("site-packages", "dist-packages", "_alembic"))


def load_scripts(
    branches: Sequence[Branch], config_with: Callable[[Sequence[Branch]], Config]
) -> ScriptDirectory:
    """Return our migrations with those of the branches, all of them read.

    Raises `CommandError`, naming the feature, where its migrations cannot be used.
    """
    scripts = _read(config_with(()))
    for count, branch in enumerate(branches, start=1):
        try:
            scripts = _read(config_with(branches[:count]))
        except Exception as error:  # whatever the code of another package raises
            message = (
                f"the feature {branch.feature}: its migrations in {branch.folder} cannot be read: "
                f"{type(error).__name__}: {error}"
            )
            raise CommandError(message) from error
        _ensure_separate(scripts, branch)
    return scripts


def _read(config: Config) -> ScriptDirectory:
    scripts = ScriptDirectory.from_config(config)
    with warnings.catch_warnings():
        # Alembic only warns of a revision that is there twice, and drops one of the two.
        warnings.simplefilter("error", UserWarning)
        list(scripts.walk_revisions())
    return scripts


def _ensure_separate(scripts: ScriptDirectory, branch: Branch) -> None:
    """Raise `CommandError` unless the folder's migrations follow one another, with the label.

    Those of other branches must neither follow them nor have it.
    """
    folder = branch.folder.resolve()
    found = list(scripts.walk_revisions())
    own = {each.revision for each in found if Path(each.path).resolve().parent == folder}
    for script in found:
        is_own = script.revision in own
        after_own = [each in own for each in to_tuple(script.down_revision, default=())]
        if any(one is not is_own for one in (branch.label in script.branch_labels, *after_own)):
            message = (
                f"the feature {branch.feature}: its migrations in {branch.folder} are no branch of "
                "their own; the first one must say: "
                f'down_revision = None, branch_labels = ("{branch.label}",)'
            )
            raise CommandError(message)


def ensure_in_checkout(folder: Path) -> None:
    """Raise `CommandError` where the migrations of an installed package are: it must not change."""
    if _INSTALLED.intersection(folder.resolve().parts):
        message = (
            f"the migrations in {folder} are of an installed package, and none is written there; "
            "run this in a checkout of its source, installed with: pip install --editable ."
        )
        raise CommandError(message)
