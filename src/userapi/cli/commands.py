"""All commands of the console script."""

from collections.abc import Iterator, Sequence

import click
from flask.cli import routes_command, shell_command

from userapi.cli.database import db
from userapi.cli.documents import openapi
from userapi.cli.purge import purge
from userapi.cli.seed import seed_db
from userapi.cli.serve import serve
from userapi.container import Feature

_OF_NO_FEATURE = (serve, db, seed_db, purge, routes_command, openapi, shell_command)


def all_commands(features: Sequence[Feature]) -> Iterator[click.Command]:
    """Yield the commands that belong to no feature, and then those of the features."""
    yield from _OF_NO_FEATURE
    for feature in features:
        yield from feature.commands
