"""gunicorn in the process of `userapi serve`, on the application that the command has built."""

import gc
import sys
from collections.abc import Sequence
from datetime import timedelta

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication

from userapi.cli.arbiter import Arbiter
from userapi.kit.shared_flag import STOPPING


def run_server(
    app: Flask, arguments: Sequence[str], *, command: Sequence[str], delay: timedelta
) -> None:
    """Serve an application with gunicorn's arguments until the process ends.

    After SIGTERM it serves on for the delay, and tells that it is about to stop. `command` is the
    one of `userapi` that does all this again.
    """
    # gunicorn reads its arguments there.
    sys.argv = ["gunicorn", *arguments]
    server = WSGIApplication(prog="gunicorn")
    # What gunicorn would load: its processes are forked from what is there already.
    server.callable = app
    arbiter = Arbiter(server, stopping=app.config[STOPPING], delay=delay)
    # So it starts what is to take its place, when it is sent SIGUSR2. Its own arguments stay where
    # they are: it reads them again after SIGHUP.
    arbiter.START_CTX["args"] = [sys.executable, "-Pm", "userapi", *command]
    # What is there now stays to the end; see `userapi.wsgi`.
    gc.freeze()
    arbiter.run()
