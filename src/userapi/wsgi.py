"""The entry point for gunicorn: `gunicorn "userapi.wsgi:application()"`."""

import sys

import click
from flask import Flask

from userapi.app import create_app
from userapi.cli.clear_errors import with_clear_errors

_GUNICORN_APP_LOAD_ERROR = 4  # tells gunicorn's master not to try again


def application() -> Flask:
    """Return the application for the process's environment.

    A bad environment, a schema behind this version, or a database out of reach ends the
    process with a clear message.
    """
    try:
        return with_clear_errors(create_app)()
    except click.ClickException as error:
        error.show()
        sys.exit(_GUNICORN_APP_LOAD_ERROR)
