"""All commands of the console script."""

import click
from flask.cli import routes_command, shell_command

from userapi.cli.accounts import create_admin, seed_db, set_role, unlock
from userapi.cli.database import db
from userapi.cli.documents import openapi
from userapi.cli.keys import keys
from userapi.cli.purge import purge
from userapi.cli.serve import serve

COMMANDS: tuple[click.Command, ...] = (
    serve,
    db,
    seed_db,
    create_admin,
    keys,
    purge,
    set_role,
    unlock,
    routes_command,
    openapi,
    shell_command,
)
