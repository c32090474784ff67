"""All commands of the console script."""

from collections.abc import Iterator, Sequence

import click
from flask.cli import routes_command, shell_command

from userapi.cli.database import db
from userapi.cli.doctor import doctor
from userapi.cli.documents import openapi
from userapi.cli.purge import purge
from userapi.cli.seed import seed_db
from userapi.cli.serve import serve
from userapi.cli.worker import worker
from userapi.container import Feature
from userapi.manifests import ensure_distinct

_OURS = Feature(
    name="userapi",
    commands=(serve, worker, doctor, db, seed_db, purge, routes_command, openapi, shell_command),
)


def all_commands(features: Sequence[Feature]) -> Iterator[click.Command]:
    """Yield the commands that belong to no feature, and then those of the features.

    Raises `WiringError` where two of them have one name.
    """
    ensure_distinct((_OURS, *features))
    for feature in (_OURS, *features):
        yield from feature.commands
