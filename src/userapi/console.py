"""All commands, as the console script has them."""

import sys

import click
from flask import Flask
from flask.cli import AppGroup, ScriptInfo, routes_command

from userapi import __version__
from userapi.app import build_app
from userapi.cli.commands import all_commands
from userapi.command_line import CommandOnAnySettings, CommandWithoutInstance
from userapi.container import WiringError
from userapi.db import waiting
from userapi.features import all_features


def console_script() -> click.Group:
    """Return all commands, those of installed packages too; raise `WiringError` as they do."""

    @click.group(cls=AppGroup)
    @click.version_option(__version__, prog_name="userapi")
    def commands() -> None:
        """Run and administer userapi, a user and authentication API."""

    for command in all_commands(all_features()):
        commands.add_command(command)
    return commands


def _app_of_command() -> Flask:
    command = click.get_current_context().command
    # Whoever waits for a command is a person; what a server's threads wait for is bounded still.
    waiting.lift()
    is_without = isinstance(command, CommandWithoutInstance) or command is routes_command
    return build_app(
        makes_instance=not is_without,
        keeps_problems=isinstance(command, CommandOnAnySettings),
    )


def run() -> None:
    """Run the command that the process's arguments name."""
    try:
        commands = console_script()
    except WiringError as error:
        error.show()
        sys.exit(error.exit_code)
    # The settings alone decide about debugging, not Flask's own reading of FLASK_DEBUG.
    commands(obj=ScriptInfo(create_app=_app_of_command, set_debug_flag=False), prog_name="userapi")
