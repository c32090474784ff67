"""The console script `userapi`, also as `python -m userapi`."""

import click
from flask.cli import AppGroup, ScriptInfo

from userapi import __version__
from userapi.app import build_app
from userapi.cli.commands import all_commands
from userapi.features import all_features


@click.group(cls=AppGroup)
@click.version_option(__version__, prog_name="userapi")
def commands() -> None:
    """Run and administer userapi, a user and authentication API."""


for command in all_commands(all_features()):
    commands.add_command(command)


def main() -> None:
    """Run the command that the process's arguments name."""
    # The settings alone decide about debugging, not Flask's own reading of FLASK_DEBUG.
    commands(obj=ScriptInfo(create_app=build_app, set_debug_flag=False), prog_name="userapi")


if __name__ == "__main__":
    main()
