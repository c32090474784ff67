"""gunicorn in the process of `userapi serve`, on the application that the command has built."""

import gc
import sys
from collections.abc import Sequence

from flask import Flask
from gunicorn.app.wsgiapp import WSGIApplication


class Server(WSGIApplication):  # type: ignore[misc] # the library is untyped
    """gunicorn with an application that is there already: its processes are forked from it."""

    def __init__(self, app: Flask, arguments: Sequence[str]) -> None:
        # gunicorn reads them there. With them and this Python it also starts what is to take its
        # place, when it is sent SIGUSR2.
        sys.argv = ["-mgunicorn", *arguments]
        self._app = app
        super().__init__(prog="gunicorn")

    def load_wsgiapp(self) -> Flask:
        """Return the application that was built."""
        return self._app


def run_server(app: Flask, arguments: Sequence[str]) -> None:
    """Serve an application with gunicorn's arguments until the process ends."""
    server = Server(app, arguments)
    # What is there now stays to the end; see `userapi.wsgi`.
    gc.freeze()
    server.run()
