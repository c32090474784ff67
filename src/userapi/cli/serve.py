"""`userapi serve`: gunicorn with the project's configuration."""

import contextlib
import errno
import os
import re
import socket
import sys
from collections.abc import Sequence

import click
from flask.cli import ScriptInfo

from userapi.cli.exposure import warn_of_exposure
from userapi.command_line import with_error_handling
from userapi.config.groups import LoggingSettings, ServerSettings
from userapi.config.inherited import LISTENER, has_listener
from userapi.config.settings import Settings
from userapi.container import FeatureList
from userapi.db.forking import before_forking
from userapi.db.migrations import Migrations
from userapi.doctor.preconditions import ensure_preconditions
from userapi.metrics.settings import MetricsSettings
from userapi.web.api import Api
from userapi.web.services import provided

_APPLICATION = "userapi.wsgi:application()"
_PYTHON = (sys.executable, "-P", "-m")
_STOP_SECONDS = 30
_WAITING = 2048  # connections that nobody has taken yet, as many as with gunicorn
_ACCESS_LINE = (
    '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms %(facts)s %({x-request-id}o)s %(client_request_id)s'
)
_ACCESS_MESSAGE = "%(m)s %(U)s"
"""What is said of a request in JSON: the rest is beside it, by name."""

_LISTENING_MENDS = {
    errno.EADDRNOTAVAIL: "HOST must be an address of this machine, or 0.0.0.0 for all",
    errno.EACCES: "set PORT to 1024 or more, and let a proxy listen below that",
}
_VARIABLES = re.compile(r"\b(HOST|PORT)\b")


@click.command()
@click.option("--without-worker", is_flag=True, help="Leave jobs to `userapi worker`.")
@click.option("--supervised", is_flag=True, help="Hold the socket while servers are replaced.")
@with_error_handling
def serve(*, without_worker: bool, supervised: bool) -> None:
    """Serve the API with gunicorn on HOST and PORT.

    Each of its processes also does what was left for later, such as sending mails. Refuses to
    start while the schema is behind, or while a key that signs tokens is missing.

    Supervised, another process listens and runs the server: no connection is refused while that is
    replaced, which SIGHUP asks for, or after it has died.
    """
    # Only what serves needs it.
    from userapi.cli.server import run_server  # noqa: PLC0415 - a fortieth of a second

    command = ["serve", *(["--without-worker"] if without_worker else [])]
    app = click.get_current_context().ensure_object(ScriptInfo).load_app()
    with before_forking(app):
        settings = provided(Settings)
        server = settings.of(ServerSettings)
        listener = None
        if not has_listener():
            listener = _listener(server.host, server.port)
            _ensure_free(settings.of(MetricsSettings))
        if supervised:
            log_format = "json" if settings.of(LoggingSettings).is_json else "text"
            _become_supervisor(listener, [log_format, *_PYTHON, "userapi", *command])
        if listener is not None:
            listener.close()
        ensure_preconditions(settings)
        provided(Migrations).ensure_current()
        provided(FeatureList).ensure_ready()
        warn_of_exposure(settings)
        if not settings.is_testing:
            # As `create_app` does: forked processes share it.
            provided(Api).document()
    run_server(
        app,
        server_arguments(settings, does_jobs=not without_worker),
        command=command,
        delay=server.shutdown_delay,
    )


def server_arguments(settings: Settings, *, does_jobs: bool = True) -> list[str]:
    """Return gunicorn's arguments for these settings."""
    server, log = settings.of(ServerSettings), settings.of(LoggingSettings)
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
        f"--max-requests={server.max_requests}",
        # Not all of them at once.
        f"--max-requests-jitter={server.max_requests // 10}",
        "--timeout=30",
        f"--graceful-timeout={_STOP_SECONDS - int(server.shutdown_delay.total_seconds())}",
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
        f"--access-logformat={_ACCESS_MESSAGE if log.is_json else _ACCESS_LINE}",
        f"--log-level={log.level.lower()}",
        _APPLICATION,
    ]


def _become_supervisor(listener: socket.socket | None, arguments: Sequence[str]) -> None:
    """Leave the socket, or the one that was given to this process, to one that holds it."""
    if listener is not None:
        listener.listen(_WAITING)
        os.dup2(listener.fileno(), LISTENER)
    os.set_inheritable(LISTENER, True)
    program = [*_PYTHON, "userapi.supervisor", *arguments]
    os.execv(program[0], program)  # noqa: S606 - there is no shell in it


def _ensure_free(metrics: MetricsSettings) -> None:
    """Raise where the port for metrics is another program's."""
    if metrics.port:
        _listener(metrics.host, metrics.port, "METRICS_").close()


def _listener(host: str, port: int, prefix: str = "") -> socket.socket:
    """Return a socket that is bound there."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket(family, kind, protocol))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind(address)
            stack.pop_all()
            return listener
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = f"port {port} on {host} is taken; stop what listens there or set {prefix}PORT"
        else:
            mend = _LISTENING_MENDS.get(error.errno or 0, "check HOST and PORT")
            mend = _VARIABLES.sub(rf"{prefix}\1", mend)
            message = f"cannot listen on {host}:{port}: {error.strerror}; {mend}"
        raise click.ClickException(message) from error
