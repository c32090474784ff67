"""What operators get wrong: `userapi serve` ends at once, with one line that tells the mend."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from support.databases import PostgresServer, migrate
from support.loaded import loaded_commands
from support.postgres import postgres_server
from support.processes import (
    PRODUCTION_MAIL,
    PRODUCTION_SECRETS,
    clean_environment,
    free_port,
    run,
)
from support.roles import role_without_rights

PASSWORD = "hunter22"
"""Stands for what must not be told."""

MAKE_A_SECRET = "make one with: python3 -c"
Variables = Mapping[str, str]
Serve = Callable[..., subprocess.CompletedProcess[str]]

AS_ANYBODY = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
"""What takes the rights of root away, before which no file is safe."""

SERVE = [*AS_ANYBODY, sys.executable, "-m", "userapi", "serve"]


@dataclass(frozen=True)
class Place:
    """What is there when the server is started, and how it is: a folder, and a good database."""

    folder: Path
    good: Path
    serve: Serve
    stack: ExitStack

    def copy(self, name: str) -> Path:
        """Return another file with the good database."""
        return Path(shutil.copy(self.good, self.folder / name))


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a migrated database."""
    file = tmp_path_factory.mktemp("good") / "good.sqlite3"
    file.touch()
    migrate(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="module")
def serve() -> Iterator[Serve]:
    """Starts the server; in an interpreter of its own each time where that is asked for."""
    if os.environ.get("USERAPI_FRESH_INTERPRETERS"):
        yield partial(run, *SERVE)
    else:
        with loaded_commands(*AS_ANYBODY, variables=clean_environment()) as commands:
            yield partial(commands.run, "serve")


@pytest.fixture
def place(tmp_path: Path, good: Path, serve: Serve) -> Iterator[Place]:
    with ExitStack() as stack:
        yield Place(tmp_path, good, serve, stack)


def refusal(place: Place, variables: Variables, *words: str, serve: Serve | None = None) -> str:
    """Start the server in production; return the one line that has all these words."""
    environment = clean_environment(
        **PRODUCTION_SECRETS,
        FLASK_ENV="production",
        DATABASE_URL=f"sqlite:///{place.good}",
        PORT=str(free_port()),
    )
    given = {name: text for name, text in {**environment, **variables}.items() if text}
    ended = (serve or place.serve)(folder=place.folder, variables=given)

    told = f"{ended.stdout}{ended.stderr}"
    assert ended.returncode not in (0, None), told
    assert "Traceback" not in told
    for secret in (PASSWORD, *PRODUCTION_SECRETS.values()):
        assert secret not in told
    (line,) = [line for line in told.splitlines() if all(word in line for word in words)]
    return line


# What the variables alone tell

WRONG: list[tuple[str, Variables, tuple[str, ...]]] = [
    ("no-secret", {"SECRET_KEY": ""}, ("SECRET_KEY: must be set", MAKE_A_SECRET)),
    ("no-token-secret", {"JWT_SECRET_KEY": ""}, ("JWT_SECRET_KEY: must be set", MAKE_A_SECRET)),
    ("short-secret", {"SECRET_KEY": PASSWORD}, ("SECRET_KEY: is too short", MAKE_A_SECRET)),
    (
        "placeholder",
        {"SECRET_KEY": "change-me-to-something-nobody-knows-7261"},
        ("SECRET_KEY: looks like a placeholder", MAKE_A_SECRET),
    ),
    ("weak-secret", {"JWT_SECRET_KEY": "ab" * 32}, ("JWT_SECRET_KEY: can be", MAKE_A_SECRET)),
    (
        "equal-secrets",
        {"JWT_SECRET_KEY": PRODUCTION_SECRETS["SECRET_KEY"]},
        ("JWT_SECRET_KEY: must differ from SECRET_KEY",),
    ),
    (
        "misspelt-secret",
        {"SECRET_KEY": "", "SECRETKEY": PASSWORD},
        ("SECRETKEY: is not read; did you mean SECRET_KEY?",),
    ),
    ("no-database", {"DATABASE_URL": ""}, ("DATABASE_URL: must be set", "postgresql://")),
    (
        "misspelt-database",
        {"DATABASE_URL": "", "DATABSE_URL": "sqlite:////tmp/x"},
        ("DATABSE_URL: is not read; did you mean DATABASE_URL?",),
    ),
    (
        "other-database",
        {"DATABASE_URL": f"mysql://app:{PASSWORD}@db/app"},
        ("DATABASE_URL: must be postgresql://",),
    ),
    (
        "other-driver",
        {"DATABASE_URL": f"postgresql+asyncpg://app:{PASSWORD}@db/app"},
        ("DATABASE_URL: must be postgresql://",),
    ),
    (
        "unescaped-password",
        {"DATABASE_URL": f"postgresql://app:{PASSWORD}@1@db/app"},
        ("DATABASE_URL: must be", "write @ in a password as %40"),
    ),
    ("two-slashes", {"DATABASE_URL": "sqlite://app.db/app"}, ("DATABASE_URL", "sqlite:////path")),
    ("environment", {"FLASK_ENV": "prod"}, ("FLASK_ENV: must be one of", "production")),
    ("debug", {"FLASK_DEBUG": "1"}, ("FLASK_DEBUG: must be off in production",)),
    ("port-in-words", {"PORT": "http"}, ("PORT: must be a whole number from 1 to 65535",)),
    ("host-with-scheme", {"HOST": "http://0.0.0.0"}, ("HOST: must be a host such as 0.0.0.0",)),
    ("host-of-others", {"HOST": "192.0.2.1"}, ("HOST must be an address of this machine",)),
    ("log-level", {"LOG_LEVEL": "verbose"}, ("LOG_LEVEL: must be one of DEBUG, INFO",)),
    ("proxies", {"TRUSTED_PROXIES": "-1"}, ("TRUSTED_PROXIES: must be a whole number from 0",)),
    (
        "proxies-by-address",
        {"TRUSTED_PROXIES": "10.0.0.7"},
        ("TRUSTED_PROXIES: must be a whole number from 0 to 10",),
    ),
    ("all-origins", {"CORS_ORIGINS": "*"}, ("CORS_ORIGINS: must name each origin",)),
    (
        "origin-with-slash",
        {"CORS_ORIGINS": "https://app.example.com/"},
        ("CORS_ORIGINS: must have origins without a slash at the end",),
    ),
    (
        "origin-with-path",
        {"CORS_ORIGINS": "https://app.example.com/login"},
        ("CORS_ORIGINS: must have origins without path",),
    ),
    ("registration", {"REGISTRATION": "invited"}, ("REGISTRATION: must be one of open",)),
    (
        "registration-by-mail",
        {"REGISTRATION": "invite"},
        ("REGISTRATION: invite needs mail: set MAIL_SENDER",),
    ),
    (
        "no-lifetime",
        {"JWT_ACCESS_TOKEN_EXPIRES": "0"},
        ("JWT_ACCESS_TOKEN_EXPIRES: must be a whole number of seconds from 1",),
    ),
    (
        "lifetime-with-unit",
        {"SESSION_IDLE_EXPIRES": "15m"},
        ("SESSION_IDLE_EXPIRES: must be a whole number of seconds",),
    ),
    ("limit", {"RATELIMIT_LOGIN": "5 per fortnight"}, ("RATELIMIT_LOGIN: must be one limit such",)),
    ("no-limits", {"RATELIMIT_ENABLED": "false"}, ("RATELIMIT_ENABLED: must be on",)),
    (
        "no-redis",
        {"RATELIMIT_STORAGE_URI": "memcached://cache:11211"},
        ("RATELIMIT_STORAGE_URI: must be redis://",),
    ),
    (
        "redis-out-of-reach",
        {"RATELIMIT_STORAGE_URI": f"redis://:{PASSWORD}@127.0.0.1:1/0"},
        ("refused; check host, port and password in RATELIMIT_STORAGE_URI",),
    ),
    ("no-sender", {**PRODUCTION_MAIL, "MAIL_FROM": ""}, ("MAIL_FROM: must be set",)),
    ("no-mail-server", {**PRODUCTION_MAIL, "SMTP_HOST": ""}, ("SMTP_HOST: must be set",)),
    ("no-public-url", {**PRODUCTION_MAIL, "PUBLIC_URL": ""}, ("PUBLIC_URL: must be set",)),
    (
        "url-without-scheme",
        {**PRODUCTION_MAIL, "PUBLIC_URL": "api.example.com"},
        ("PUBLIC_URL: must be a URL such as https://api.example.com",),
    ),
    (
        "url-without-prefix",
        {**PRODUCTION_MAIL, "ROOT_PATH": "/auth"},
        ("PUBLIC_URL: must have the path of ROOT_PATH",),
    ),
    (
        "no-certificates",
        {**PRODUCTION_MAIL, "SMTP_CA_FILE": "/no/such/file.pem"},
        ("SMTP_CA_FILE: must be a file that exists",),
    ),
    (
        "other-port-of-mail",
        {**PRODUCTION_MAIL, "SMTP_PORT": "465"},
        ("SMTP_PORT: 465 is for tls: set SMTP_SECURITY=tls, or SMTP_PORT=587",),
    ),
    ("no-templates", {"MAIL_TEMPLATES": "/no/such"}, ("MAIL_TEMPLATES: must be a folder that",)),
    ("prefix", {"ROOT_PATH": "auth"}, ("ROOT_PATH: must be a path such as /auth",)),
    ("prefix-of-ours", {"ROOT_PATH": "/api"}, ("ROOT_PATH: must not be", "choose another")),
    ("algorithm", {"JWT_ALGORITHM": "RS256"}, ("JWT_ALGORITHM: must be one of HS256, EdDSA",)),
    ("no-key", {"JWT_ALGORITHM": "EdDSA"}, ("JWT_ALGORITHM", "run: userapi keys generate")),
    (
        "all-threads-hash",
        {"PASSWORD_HASHING_SLOTS": "8"},
        ("PASSWORD_HASHING_SLOTS: must leave a thread", "WEB_THREADS is 8"),
    ),
    ("no-process", {"WEB_CONCURRENCY": "0"}, ("WEB_CONCURRENCY: must be a whole number from 1",)),
    ("jobs", {"JOBS": "procrastinate"}, ("JOBS: procrastinate needs PostgreSQL",)),
    (
        "breach-check",
        {"PASSWORD_BREACH_CHECK_URL": "http://pwned.example.com/range/"},
        ("PASSWORD_BREACH_CHECK_URL: must be an https:// URL that ends with /",),
    ),
]


if int(Path("/proc/sys/net/ipv4/ip_unprivileged_port_start").read_text(encoding="utf-8")) > 81:
    # In some containers such ports are everybody's.
    WRONG.append(
        ("port-of-root", {"PORT": "81"}, (":81: Permission denied; set PORT to 1024 or more",))
    )


@pytest.mark.parametrize(
    ("variables", "words"), [it[1:] for it in WRONG], ids=[it[0] for it in WRONG]
)
def test_a_wrong_variable_is_named(
    place: Place, variables: Variables, words: tuple[str, ...]
) -> None:
    refusal(place, variables, *words)


# What is on the machine

Arrangement = Callable[[Place], Variables]


def sqlite(file: Path) -> Variables:
    return {"DATABASE_URL": f"sqlite:///{file}"}


def unwritable_file(place: Place) -> Variables:
    file = place.copy("kept.sqlite3")
    file.chmod(0o400)
    return sqlite(file)


def unwritable_folder(place: Place) -> Variables:
    (place.folder / "kept").mkdir()
    file = place.copy("kept/app.sqlite3")
    file.parent.chmod(0o500)
    place.stack.callback(file.parent.chmod, 0o700)
    return sqlite(file)


def closed_folder(place: Place) -> Variables:
    folder = place.folder / "closed"
    folder.mkdir(mode=0o000)
    return sqlite(folder / "app.sqlite3")


def no_database(place: Place) -> Variables:
    (place.folder / "letter").write_text("Dear SQLite, " * 100)
    return sqlite(place.folder / "letter")


def empty_database(place: Place) -> Variables:
    (place.folder / "empty.sqlite3").touch()
    return sqlite(place.folder / "empty.sqlite3")


def silent(place: Place) -> str:
    """Return host and port of somebody who listens, and never says anything."""
    listener = place.stack.enter_context(closing(socket.create_server(("127.0.0.1", 0))))
    return f"127.0.0.1:{listener.getsockname()[1]}"


def taken_port(place: Place) -> Variables:
    return {"PORT": silent(place).partition(":")[2]}


def env_file(place: Place, content: str, mode: int = 0o600) -> Variables:
    (place.folder / ".env").write_text(content, encoding="utf-8")
    (place.folder / ".env").chmod(mode)
    return {}


def broken_template(place: Place) -> Variables:
    (place.folder / "en").mkdir()
    (place.folder / "en" / "verify-email.txt").write_text("{{ nope", encoding="utf-8")
    return {**PRODUCTION_MAIL, "MAIL_TEMPLATES": str(place.folder)}


def keys_folder(place: Place, mode: int) -> Variables:
    (place.folder / "keys").mkdir(mode=mode)
    return {"JWT_ALGORITHM": "EdDSA", "JWT_KEYS_DIR": str(place.folder / "keys")}


ARRANGED: list[tuple[str, Arrangement, tuple[str, ...]]] = [
    ("file-is-kept", unwritable_file, ("cannot write to", "kept.sqlite3", "DATABASE_URL")),
    ("folder-is-kept", unwritable_folder, ("cannot write to", "and its folder", "DATABASE_URL")),
    ("folder-is-closed", closed_folder, ("unable to open", "Permission denied", "DATABASE_URL")),
    (
        "folder-is-missing",
        lambda place: sqlite(place.folder / "no" / "app.sqlite3"),
        ("there is no file", "run: userapi db upgrade, or name another in DATABASE_URL"),
    ),
    (
        "relative-path",
        lambda _: {"DATABASE_URL": "sqlite:///app.sqlite3"},
        ("there is no file /", "/app.sqlite3; run: userapi db upgrade, or name another"),
    ),
    (
        "a-folder",
        lambda place: sqlite(place.folder),
        ("is a folder; DATABASE_URL must name a file",),
    ),
    ("no-database", no_database, ("file is not a database; DATABASE_URL must name one of SQLite",)),
    ("no-schema", empty_database, ("schema is behind this version; run: userapi db upgrade",)),
    ("port-taken", taken_port, ("is taken; stop what listens there or set PORT",)),
    (
        "silent-database",
        lambda place: {"DATABASE_URL": f"postgresql://app:{PASSWORD}@{silent(place)}/app"},
        ("timeout expired; check host and port in DATABASE_URL",),
    ),
    (
        "silent-redis",
        lambda place: {"RATELIMIT_STORAGE_URI": f"redis://{silent(place)}/0"},
        ("Timeout", "check host, port and password in RATELIMIT_STORAGE_URI"),
    ),
    (
        "broken-env-file",
        lambda place: env_file(place, f'PORT=5000\nSMTP_PASSWORD="{PASSWORD}\n'),
        (".env, line 2: SMTP_PASSWORD must be given as NAME=value",),
    ),
    (
        "unreadable-env-file",
        lambda place: env_file(place, "PORT=5000\n", 0o000),
        (".env: cannot be read: Permission denied",),
    ),
    (
        "broken-template",
        broken_template,
        ("/en/verify-email.txt: there is no such template", "remove"),
    ),
    (
        "closed-keys",
        lambda place: keys_folder(place, 0o000),
        ("JWT_KEYS_DIR: must be a folder that this user may read",),
    ),
    (
        "no-keys",
        lambda place: keys_folder(place, 0o700),
        ("no key in JWT_KEYS_DIR can sign tokens; put a private key",),
    ),
]


@pytest.mark.parametrize(
    ("arrange", "words"), [it[1:] for it in ARRANGED], ids=[it[0] for it in ARRANGED]
)
def test_what_is_wrong_on_the_machine_is_named(
    place: Place, arrange: Arrangement, words: tuple[str, ...]
) -> None:
    refusal(place, arrange(place), *words)


def test_too_few_files_are_told(place: Place) -> None:
    serve = partial(run, "prlimit", "--nofile=64:64", *SERVE)

    refusal(place, {}, "may open 64 files, and needs 256", "ulimit -n 4096", serve=serve)


def test_a_supervisor_ends_too(place: Place) -> None:
    words = "schema is behind this version; run: userapi db upgrade"

    refusal(place, empty_database(place), words, serve=partial(run, *SERVE, "--supervised"))


# What PostgreSQL says


@pytest.fixture(scope="module")
def strict_url() -> Iterator[str]:
    """A server that asks for passwords, and lets nobody into `closed`."""
    rules = (
        "host closed all 127.0.0.1/32 reject\n"
        "host all postgres 127.0.0.1/32 trust\n"
        "host all all 127.0.0.1/32 scram-sha-256\n"
    )
    with postgres_server(rules) as url:
        yield url


@pytest.mark.parametrize(
    ("user", "rest", "words"),
    [
        (
            f"app:{PASSWORD}",
            "postgres",
            ("password authentication failed", "check user and password in DATABASE_URL"),
        ),
        ("app", "postgres", ("no password supplied; check user and password in DATABASE_URL",)),
        ("postgres", "closed", ("pg_hba.conf", "let this host and user in", "DATABASE_URL")),
        ("postgres", "missing", ('"missing" does not exist; make it', "DATABASE_URL")),
        (
            "postgres",
            "postgres?sslmode=require",
            ("support SSL", "take sslmode out of DATABASE_URL"),
        ),
        (
            "postgres",
            "postgres?sslmode=on",
            ("sslmode", "check what follows the ? in DATABASE_URL"),
        ),
        ("postgres", "postgres?pool=5", ('"pool"; check what follows the ? in DATABASE_URL',)),
        ("postgres", "postgres", ("schema is behind this version; run: userapi db upgrade",)),
    ],
    ids=["password", "no-password", "closed", "missing", "tls", "sslmode", "option", "empty"],
)
def test_what_postgresql_refuses_is_mended(
    place: Place, strict_url: str, user: str, rest: str, words: tuple[str, ...]
) -> None:
    host = strict_url.partition("@")[2]

    refusal(place, {"DATABASE_URL": f"postgresql://{user}@{host}/{rest}"}, *words)


def test_nobody_at_the_port_is_told(place: Place) -> None:
    url = f"postgresql://app:{PASSWORD}@127.0.0.1:1/app"

    refusal(place, {"DATABASE_URL": url}, "refused; check host and port in DATABASE_URL")


def test_an_unknown_host_is_told(place: Place) -> None:
    url = f"postgresql://app:{PASSWORD}@db.invalid/app"

    refusal(place, {"DATABASE_URL": url}, "'db.invalid'", "check host and port in DATABASE_URL")


@pytest.fixture
def migrated_url(postgres_url: str) -> Iterator[str]:
    with PostgresServer(postgres_url).empty() as url:
        migrate(url)
        yield url


def test_a_role_without_rights_is_told(place: Place, migrated_url: str) -> None:
    with role_without_rights(migrated_url) as url:
        refusal(
            place,
            {"DATABASE_URL": url},
            "permission denied",
            "the DATABASE_URL of the tables' owner, or give it rights: userapi db roles",
        )


def test_tables_that_jobs_lack_are_told(place: Place, migrated_url: str) -> None:
    variables = {"DATABASE_URL": migrated_url, "JOBS": "procrastinate"}

    refusal(place, variables, "procrastinate are missing; run: userapi jobs create-tables")
