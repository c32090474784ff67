"""Who is compared: how each one is started, and how it is asked for the same work."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import quote

from benchmarks.speed import database
from benchmarks.speed.database import Table
from benchmarks.speed.works import PASSWORD, PER_PAGE
from support.processes import PRODUCTION_SECRETS, clean_environment
from userapi.cli.serve import server_arguments
from userapi.features import load_settings

PEERS = Path(__file__).parents[1] / "peers"
_NO_LIMIT = "1000000 per minute"
_NO_DATABASE = "postgresql://nobody@127.0.0.1/none"
_LIMITS = (
    *("CLIENT", "WRITES", "REGISTER", "REGISTRATIONS_OVERALL", "LOGIN", "REFRESH", "PASSWORD"),
    *("EMAIL", "FAILED_LOGINS", "FAILED_LOGINS_BY_NETWORK"),
)
_PAGE = f"per_page={PER_PAGE}"


@dataclass(frozen=True)
class Place:
    """Where a contender runs: its port, its database, a folder, and how many workers."""

    port: int
    database_url: str
    folder: Path
    python: str
    workers: int = 1


@dataclass(frozen=True)
class Api:
    """How a contender is asked; a path that is missing is a work that it does not have."""

    paths: Mapping[str, str]
    login_form: bool = False
    token: tuple[str, ...] = ("access_token",)
    header: str = "Authorization"
    scheme: str = "Bearer "
    new_user: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Contender:
    """One of those who are compared."""

    name: str
    title: str
    command: Callable[[Place], tuple[str, ...]]
    api: Api
    table: Table | None = None
    app: str = ""
    ready: str = "/ready"
    left_out: str = ""
    """Which works it has not, and why."""

    def variables(self, place: Place) -> dict[str, str]:
        """Return its environment."""
        if self.name == OURS:
            return our_variables(place)
        return clean_environment(
            SECRET_KEY=PRODUCTION_SECRETS["SECRET_KEY"],
            DATABASE_URL=place.database_url,
            BODIES=str(place.folder),
            # The limits run on this project's own packages and server.
            PYTHONPATH=str(PEERS),
        )

    def prepare(self, place: Place) -> str:
        """Make its tables; return the hash of the password."""
        if self.name == OURS:
            return database.prepare_ours(place.database_url)
        return database.prepare_peer(
            [place.python, str(PEERS / f"{self.app}.py")], self.variables(place)
        )


OURS = "userapi"
FEWEST = "fewest"
"""This service, once more, with the fewest users."""


def our_variables(place: Place) -> dict[str, str]:
    """Return the environment of the service as it ships, but for limits that nobody reaches."""
    return clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="production",
        MAIL_SENDER="none",
        DATABASE_URL=place.database_url,
        INSTANCE_PATH=str(place.folder),
        PORT=str(place.port),
        WEB_CONCURRENCY=str(place.workers),
        **{f"RATELIMIT_{name}": _NO_LIMIT for name in _LIMITS},
    )


def _ours(_place: Place) -> tuple[str, ...]:
    return (sys.executable, "-m", "userapi", "serve")


def _on_our_server(module: str) -> Callable[[Place], tuple[str, ...]]:
    def command(place: Place) -> tuple[str, ...]:
        settings = our_variables(replace(place, database_url=_NO_DATABASE))
        own = server_arguments(load_settings("production", settings))
        kept = [argument for argument in own[:-1] if not argument.startswith("--config=")]
        return (sys.executable, "-m", "gunicorn", *kept, f"{module}:app")

    return command


def _on_gunicorn(module: str) -> Callable[[Place], tuple[str, ...]]:
    return lambda place: (
        *(place.python, "-m", "gunicorn", f"--bind=127.0.0.1:{place.port}", "--preload"),
        *("--worker-class=gthread", "--threads=8", f"--workers={place.workers}"),
        *("--no-control-socket", "--access-logfile=-", f"{module}:app"),
    )


def _on_uvicorn(module: str) -> Callable[[Place], tuple[str, ...]]:
    return lambda place: (
        *(place.python, "-m", "uvicorn", f"{module}:app", f"--port={place.port}"),
        f"--workers={place.workers}",
    )


def _lists(path: str) -> dict[str, str]:
    search = f"{path}?{_PAGE}&q="
    return {
        "first": f"{path}?{_PAGE}",
        "deep": f"{path}?{_PAGE}&page={{page}}",
        "rare": search + quote("{rare}", safe="{}"),
        "common": search + quote("{common}", safe="{}"),
    }


_NAMES = {"first_name": "Grace", "last_name": "Hopper"}

CONTENDERS = (
    Contender(
        OURS,
        "this service",
        _ours,
        Api(
            {
                **_lists("/api/v1/users"),
                "me": "/api/v1/users/me",
                "user": "/api/v1/users/{number}",
                "login": "/api/v1/auth/login",
                "refresh": "/api/v1/auth/refresh",
                "register": "/api/v1/users",
                "patch": "/api/v1/users/{own}",
            },
            new_user=_NAMES,
        ),
        table=database.OURS,
        ready="/health/live",
    ),
    Contender(
        "bare",
        "bare Flask, the same server",
        _on_our_server("bare"),
        Api({name: f"/{name}" for name in ("me", "user", "first")}),
        left_out="only what it has bytes of: the limit of a read",
    ),
    Contender(
        "argon2",
        "argon2 alone, the same server",
        _on_our_server("argon2_only"),
        Api({"login": "/login"}),
        left_out="only verifies a password: the limit of a log-in",
    ),
    Contender(
        "fastapi-users",
        "fastapi-users, asyncpg",
        _on_uvicorn("fastapi_users_app"),
        Api(
            {
                "me": "/users/me",
                "user": "/users/{uuid}",
                "login": "/auth/jwt/login",
                "register": "/auth/register",
            },
            login_form=True,
        ),
        table=database.FASTAPI_USERS,
        app="fastapi_users_app",
        left_out="has no list, no search and no refresh; its users have no name to change",
    ),
    Contender(
        "flask-security",
        "Flask-Security-Too",
        _on_gunicorn("security_too"),
        Api(
            {
                "me": "/me",
                "login": "/login?include_auth_token",
                "register": "/register?include_auth_token",
            },
            new_user={"password_confirm": PASSWORD},
            token=("response", "user", "authentication_token"),
            header="Authentication-Token",
            scheme="",
        ),
        table=database.SECURITY_TOO,
        app="security_too",
        left_out="has no list, search, refresh and user by id; the name is the application's",
    ),
    Contender(
        "plain",
        "a plain Flask service",
        _on_gunicorn("plain"),
        Api(
            {
                **_lists("/users"),
                "me": "/users/me",
                "user": "/users/{number}",
                "login": "/auth/login",
                "refresh": "/auth/refresh",
                "register": "/users",
                "patch": "/users/me",
            },
            new_user=_NAMES,
        ),
        table=database.PLAIN,
        app="plain",
    ),
)
"""All of them, this service first."""


def contender_named(name: str) -> Contender:
    """Return the contender of that name."""
    return next(one for one in CONTENDERS if one.name == name)
