"""`userapi export-user`."""

import json
from dataclasses import asdict

import click
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.kit.clock import timestamp
from userapi.leaving.services.export import ExportService
from userapi.web.services import provided


@click.command("export-user")
@click.argument("user_id", type=click.IntRange(min=1))
@with_appcontext
@with_error_handling
def export_user(user_id: int) -> None:
    """Print what is kept of the user with that id, as JSON.

    It is what `GET /users/me/export` shows, to its end, also of a closed account until the person
    is erased.
    """
    export = provided(ExportService).export_all(user_id)
    document = asdict(export) | {"exported_at": timestamp(export.exported_at)}
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))
