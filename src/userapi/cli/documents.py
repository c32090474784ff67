"""`userapi openapi`: the API's own document."""

from pathlib import Path

import click
from flask.cli import AppGroup

from userapi.command_line import CommandWithoutInstance
from userapi.web.api import Api, document_as_json, document_as_yaml
from userapi.web.services import provided

openapi = AppGroup("openapi", help="Print or write the OpenAPI document.")
_FORMATS = {"json": document_as_json, "yaml": document_as_yaml}
_SUFFIXES = {".yaml": "yaml", ".yml": "yaml"}
_HELP = "How the document is written (default: {})."


@openapi.command("print", cls=CommandWithoutInstance)
@click.option(
    "--format",
    "-f",
    "name",
    type=click.Choice(list(_FORMATS)),
    default="json",
    help=_HELP.format("json"),
)
def print_document(name: str) -> None:
    """Print the document."""
    click.echo(_FORMATS[name](provided(Api)), nl=False)


@openapi.command("write", cls=CommandWithoutInstance)
@click.argument("path", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "-f",
    "name",
    type=click.Choice(list(_FORMATS)),
    help=_HELP.format("yaml where PATH ends so, or json"),
)
def write_document(path: Path, name: str | None) -> None:
    """Write the document to the file PATH."""
    written = _FORMATS[name or _SUFFIXES.get(path.suffix.lower(), "json")]
    try:
        path.write_text(written(provided(Api)), encoding="utf-8")
    except OSError as error:
        message = f"{path}: {error.strerror}"
        raise click.ClickException(message) from error
    click.echo(f"Wrote {path}.")
