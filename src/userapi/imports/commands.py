"""`userapi users import` and `userapi users export`."""

import gc
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, BinaryIO

import click
from click.core import ParameterSource
from flask.cli import with_appcontext

from userapi.command_line import with_error_handling
from userapi.imports.errors import SourceRefused
from userapi.imports.files import (
    Report,
    ensure_writable,
    firebase_parameters,
    format_of,
    private_file,
)
from userapi.imports.pace import hurried
from userapi.imports.progress import bytes_shown, users_shown
from userapi.imports.reading import Source
from userapi.imports.records import (
    Counts,
    ImportFormat,
    ImportOptions,
    ImportRecord,
    ImportState,
    OnDuplicate,
)
from userapi.imports.services.loading import Audience, ImportLoader, Watch, one_ahead
from userapi.imports.services.operating import OperatorImports
from userapi.imports.services.trial import ImportTrial
from userapi.imports.validation import FirebaseParameters
from userapi.web.services import provided

_FORMATS = click.Choice([each.value for each in ImportFormat])


@click.group("users")
def users() -> None:
    """Import and export users."""


@users.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--format", "form", type=_FORMATS, help="By the file's name where it is left out.")
@click.option(
    "--on-duplicate",
    type=click.Choice([each.value for each in OnDuplicate]),
    default=OnDuplicate.FAIL.value,
    show_default=True,
    help="What becomes of a row with an address that an account has: nothing; its names and "
    "language become the account's; or it is refused.",
)
@click.option("--keep-ids", is_flag=True, help="Give users the ids of the file.")
@click.option("--dry-run", is_flag=True, help="Tell what would happen, and write nothing.")
@click.option(
    "--resume",
    type=click.UUID,
    help="Go on with the import that has that id, with the options that it began with.",
)
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where a line of JSON is written for each refused row; standard error otherwise.",
)
@click.option(
    "--firebase-parameters",
    "firebase",
    type=click.File("rb"),
    help="A file with the hash parameters of a Firebase project, as JSON.",
)
@with_appcontext
@with_error_handling
@hurried()
def import_users(file: BinaryIO, **given: Any) -> None:
    """Import the users in FILE.

    FILE has NDJSON or CSV; - is standard input.

    What was brought in stays when the command is broken off; `--resume` with the id that it prints
    at first, and the same file, goes on. It ends with status 1 where rows were refused.
    """
    if given["dry_run"] and given["resume"]:
        message = "--resume goes on with an import that writes: leave out --dry-run"
        raise click.UsageError(message)
    parameters = given["firebase"] and firebase_parameters(given["firebase"].read())
    if given["report"] is not None:
        ensure_writable(given["report"])
    if given["dry_run"]:
        counts = _try(_options(file, given), file, given["report"], parameters)
    else:
        counts = _run(_record(file, given), file, given["report"], parameters)
    click.echo(
        f"{'Would import' if given['dry_run'] else 'Imported'}: {counts.created} created, "
        f"{counts.updated} updated, {counts.skipped} skipped, {counts.refused} refused."
    )
    if counts.refused:
        sys.exit(1)


def _ensure_same(record: ImportRecord, given: Mapping[str, Any]) -> None:
    """Raise `click.UsageError` where another option is given than the import began with."""
    begun = {
        "form": record.options.format,
        "on_duplicate": record.options.on_duplicate,
        "keep_ids": record.keeps_ids,
    }
    context = click.get_current_context()
    for parameter in context.command.params:
        name = str(parameter.name)
        is_given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if is_given and name in begun and given[name] != begun[name]:
            message = f"the import began with another {parameter.opts[0]}: leave it out"
            raise click.UsageError(message)


def _options(file: BinaryIO, given: Mapping[str, Any]) -> ImportOptions:
    return ImportOptions(
        format_of(getattr(file, "name", "-"), given["form"]),
        OnDuplicate(given["on_duplicate"]),
        keeps_ids=given["keep_ids"],
        is_dry_run=given["dry_run"],
    )


def _collecting(watch: Watch) -> Watch:
    """Return what also collects garbage, at a moment when there is little else."""

    def watch_and_collect(counts: Counts, size: int) -> None:
        watch(counts, size)
        gc.collect()

    return watch_and_collect


def _record(file: BinaryIO, given: Mapping[str, Any]) -> ImportRecord:
    """Return the import to go on with, or a new one."""
    imports = provided(OperatorImports)
    if given["resume"] is not None:
        resumed = imports.resume(given["resume"])
        _ensure_same(resumed, given)
        return resumed
    record = imports.begin(_options(file, given))
    click.echo(f"Import {record.id}; to go on after a break: --resume {record.id}", err=True)
    return record


def _run(
    record: ImportRecord, file: BinaryIO, report: Path | None, firebase: FirebaseParameters | None
) -> Counts:
    loader = provided(ImportLoader)
    rules = loader.rules(keeps_ids=record.keeps_ids, firebase=firebase)
    source = Source(file, record.options.format)
    with Report(report, after=record.rows_read) as lines, bytes_shown(file) as watch:
        audience = Audience(lines.add, _collecting(watch))
        try:
            done = loader.run(record, source, rules, audience, one_ahead)
        except SourceRefused as error:
            # Where rows came in before, another file may be the right one.
            if not provided(OperatorImports).resume(record.id).rows_read:
                loader.end(record.id, ImportState.FAILED, error.reason)
            raise
    if done.state != ImportState.DONE:
        message = f"the import is {done.state}; what was brought in until then stays"
        raise click.ClickException(message)
    return done.counts


def _try(
    options: ImportOptions, file: BinaryIO, report: Path | None, firebase: FirebaseParameters | None
) -> Counts:
    rules = provided(ImportLoader).rules(keeps_ids=options.keeps_ids, firebase=firebase)
    source = Source(file, options.format)
    with Report(report) as lines, bytes_shown(file) as watch:
        return provided(ImportTrial).run(
            options, source, rules, Audience(lines.add, _collecting(watch))
        )


@users.command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@click.option("--format", "form", type=_FORMATS, help="By the file's name where it is left out.")
@click.option("--without-hashes", is_flag=True, help="Leave the hashes of passwords out.")
@with_appcontext
@with_error_handling
@hurried()
def export_users(file: str, form: str | None, *, without_hashes: bool) -> None:
    """Export all users to FILE.

    Without FILE they go to standard output. Users whose accounts are closed are left out.

    `userapi users import` reads it. It has the hashes of passwords: keep it from others. A FILE
    that is made is its owner's alone.
    """
    exports = provided(OperatorImports)
    pieces = exports.export(format_of(file, form), with_hashes=not without_hashes)
    with (
        private_file(file) as out,
        closing(pieces),
        users_shown(exports.count_users()) as watch,
    ):
        for piece in pieces:
            out.write(piece.encode())
            watch(piece.count("\n"))
            gc.collect()
