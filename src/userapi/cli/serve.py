"""`userapi serve`: gunicorn with the project's configuration."""

import errno
import socket
import sys

import click
from flask.cli import ScriptInfo

from userapi.cli.exposure import warn_of_exposure
from userapi.command_line import with_error_handling
from userapi.config.groups import LoggingSettings, ServerSettings
from userapi.config.settings import Settings
from userapi.container import FeatureList
from userapi.db.forking import before_forking
from userapi.db.migrations import Migrations
from userapi.web.api import Api
from userapi.web.services import provided

_APPLICATION = "userapi.wsgi:application()"
_ACCESS_LINE = '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s %(client_request_id)s'


@click.command()
@click.option("--without-worker", is_flag=True, help="Leave jobs to `userapi worker`.")
@with_error_handling
def serve(*, without_worker: bool) -> None:
    """Serve the API with gunicorn on HOST and PORT.

    Each of its processes also does what was left for later, such as sending mails. Refuses to
    start while the schema is behind, or while a key that signs tokens is missing.
    """
    # Only what serves needs it.
    from userapi.cli.server import run_server  # noqa: PLC0415 - a fortieth of a second

    app = click.get_current_context().ensure_object(ScriptInfo).load_app()
    with before_forking(app):
        settings = provided(Settings)
        server = settings.of(ServerSettings)
        _ensure_port_is_free(server.host, server.port)
        provided(Migrations).ensure_current()
        provided(FeatureList).ensure_ready()
        warn_of_exposure(settings)
        if not settings.is_testing:
            # As `create_app` does: forked processes share it.
            provided(Api).document()
    run_server(app, _arguments(settings, does_jobs=not without_worker))


def gunicorn_command(settings: Settings, *, does_jobs: bool = True) -> list[str]:
    """Return the command that serves the API with these settings, on their host and port."""
    return [sys.executable, "-m", "gunicorn", *_arguments(settings, does_jobs=does_jobs)]


def _arguments(settings: Settings, *, does_jobs: bool) -> list[str]:
    server = settings.of(ServerSettings)
    host = f"[{server.host}]" if ":" in server.host else server.host
    return [
        f"--bind={host}:{server.port}",
        f"--config=python:userapi.cli.{'working' if does_jobs else 'listening'}",
        # The processes share one copy of the program, and one start of it.
        "--preload",
        f"--workers={server.processes}",
        "--worker-class=userapi.web.worker.Worker",
        f"--threads={server.threads}",
        "--no-control-socket",
        "--timeout=30",
        "--graceful-timeout=30",
        "--keep-alive=5",
        # What proxies say of a client is read by web.edge alone.
        "--forwarded-allow-ips=",
        "--limit-request-line=8190",
        # Another parser that happens to be installed would not read everything alike.
        "--http-parser=python",
        # A method in small letters is no syntax error, but one that the server does not know.
        "--permit-unconventional-http-method",
        "--logger-class=userapi.web.access_log.EscapingLogger",
        "--access-logfile=-",
        f"--access-logformat={_ACCESS_LINE}",
        f"--log-level={settings.of(LoggingSettings).level.lower()}",
        _APPLICATION,
    ]


def _ensure_port_is_free(host: str, port: int) -> None:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} on {host} is taken; stop what listens there or set PORT"
        else:
            message = f"cannot listen on {host}:{port}: {error.strerror}; check HOST and PORT"
        raise click.ClickException(message) from error
