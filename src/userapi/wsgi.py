"""The entry point for gunicorn: `gunicorn "userapi.wsgi:application()"`."""

import sys

from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from userapi.app import SchemaBehindError, create_app
from userapi.settings import SettingsError

_GUNICORN_APP_LOAD_ERROR = 4  # tells gunicorn's master not to try again


def application() -> Flask:
    """Return the application for the process's environment.

    A bad environment, or a schema behind this version, ends the process with one clear line.
    """
    try:
        return create_app()
    except (SettingsError, SchemaBehindError, SQLAlchemyError) as error:
        print(f"Error: {error}", file=sys.stderr)  # noqa: T201 - the logs may not be set up
        sys.exit(_GUNICORN_APP_LOAD_ERROR)
