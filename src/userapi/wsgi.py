"""The entry point for gunicorn: `gunicorn "userapi.wsgi:application()"`."""

import gc
import sys

import click
from flask import Flask

from userapi.kit.collector import loading

_GUNICORN_APP_LOAD_ERROR = 4  # tells gunicorn's master not to try again


def application() -> Flask:
    """Return the application for the process's environment.

    A bad environment, a schema behind this version, or a database out of reach ends the
    process with a clear message.
    """
    with loading():
        from userapi.app import create_app  # noqa: PLC0415 - it is what is loaded
        from userapi.command_line import with_error_handling  # noqa: PLC0415 - likewise
    try:
        app = with_error_handling(create_app)()
    except click.ClickException as error:
        error.show()
        sys.exit(_GUNICORN_APP_LOAD_ERROR)
    # What is there now stays to the end. A collector that went through it would copy into each
    # process what forked processes share, and would take its time at the end.
    gc.freeze()
    return app
