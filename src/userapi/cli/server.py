"""gunicorn in the process of `userapi serve`, on the application that the command has built."""

import gc
import sys
from collections.abc import Sequence

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication


def run_server(app: Flask, arguments: Sequence[str]) -> None:
    """Serve an application with gunicorn's arguments until the process ends."""
    # gunicorn reads them there. With them and this Python it also starts what is to take its
    # place, when it is sent SIGUSR2.
    sys.argv = ["-mgunicorn", *arguments]
    server = WSGIApplication(prog="gunicorn")
    # What gunicorn would load: its processes are forked from what is there already.
    server.callable = app
    # That stays to the end; see `userapi.wsgi`.
    gc.freeze()
    server.run()
