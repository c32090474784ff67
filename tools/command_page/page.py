"""docs/commands.md: every command of ours, as `--help` tells it."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from userapi.cli.commands import all_commands
from userapi.features import FEATURES

PAGE = Path(__file__).parents[2] / "docs" / "commands.md"
_HEAD = """\
# Commands

Installing the package gives the command `userapi`; `make run` puts it at `.venv/bin/userapi`. Each
command answers `--help`, and a failure ends with a status that is not zero. This page is made from
the commands by `make docs`.
"""
_FOOT = """
## Other ways to start it

    python -m userapi serve
    flask --app userapi run
    gunicorn -w 4 -b 0.0.0.0:5000 "userapi:create_app('production')"

`HOST`, `PORT`, `WEB_CONCURRENCY` and `WEB_THREADS` are for `userapi serve`; `flask run` and a
gunicorn of your own have options for that. With `-k userapi.web.worker.Worker` your gunicorn too
lets no slow client keep a thread, and answers requests that it cannot read with problem documents;
that worker speaks no TLS. Plain `alembic upgrade head` works in a
checkout too, for the migrations of userapi itself.
"""


def page() -> str:
    """Return the whole page, without the commands of other packages, whatever is installed."""
    ours = click.Group("userapi", commands=list(all_commands(FEATURES)))
    context = click.Context(ours, info_name=ours.name)
    return "\n".join([_HEAD, *_sections(context, ours)]) + _FOOT


def _sections(parent: click.Context, group: click.Group) -> Iterator[str]:
    for name in sorted(group.list_commands(parent)):
        command = group.get_command(parent, name)
        if command is None:
            continue
        context = click.Context(command, info_name=name, parent=parent)
        if isinstance(command, click.Group):
            yield from _sections(context, command)
        else:
            yield _section(context, command)


def _section(context: click.Context, command: click.Command) -> str:
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    options = [
        record
        for parameter in command.get_params(context)
        if (record := parameter.get_help_record(context)) and record[1] and record[0] != "--help"
    ]
    lines = [
        f"## {context.command_path}",
        "",
        f"    {usage}",
        "",
        inspect.cleandoc(command.help or ""),
    ]
    if options:
        lines += ["", *(f"- `{name}`: {' '.join(text.split())}" for name, text in options)]
    return "\n".join([*lines, ""])
