"""docs/commands.md: every command, as `--help` tells it."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import click

from userapi.__main__ import commands

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
answers requests that it cannot read with problem documents. Plain `alembic upgrade head` works in a
checkout too, for the migrations of userapi itself.
"""


def page() -> str:
    """Return the whole page."""
    context = click.Context(commands, info_name="userapi")
    return "\n".join([_HEAD, *_sections(context, commands)]) + _FOOT


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
        lines += ["", *(f"- `{name}`: {text}" for name, text in options)]
    return "\n".join([*lines, ""])
