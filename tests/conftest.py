"""Fixtures: every test that asks for a database runs on SQLite and on PostgreSQL.

A module marked `any_database` tests what no database can change, and runs on SQLite only.
A race runs on PostgreSQL; `make test-system` and `make races` repeat it on SQLite.

A test's database is real and migrated by Alembic. Each test works inside an outer
transaction that is rolled back at its end; the code under test commits for real, into a
savepoint. Tests that one transaction cannot show anything to use `own_app` instead, or
processes on a database of their own.
"""

import gc
import json
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from importlib.metadata import entry_points

import pytest
from flask import Flask
from flask.testing import EnvironBuilder, FlaskClient
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from support.accounts import PASSWORD, Account, Headers, add_user
from support.applications import application, close, empty_tables, settings_for_testing
from support.canaries import Watch, watching
from support.databases import PostgresServer, Server, SQLiteFiles, migrate
from support.linting import LintingClient
from support.mailbox import Mailbox, mailbox_of
from support.postgres import postgres_server
from support.repeating import ParameterSet, repeated
from support.signing_in import sign_in
from support.transactions import transaction_on
from userapi.app import create_app
from userapi.config.groups import PasswordSettings
from userapi.config.settings import Settings
from userapi.db.session import ScopedSession
from userapi.db.unit_of_work import AuthorizedUnitOfWork, UnitOfWork
from userapi.features import ENTRY_POINTS
from userapi.kit.passwords import PasswordHasher
from userapi.kit.principal import Principal, Role
from userapi.sessions.settings import SessionSettings

DATABASES = ("sqlite", "postgresql")


def pytest_configure() -> None:
    """Have every answer linted; refuse to run where features of others would be part of it.

    Let clients send whatever Python holds, half a character too, and not as the service writes.
    """
    Flask.test_client_class = LintingClient
    EnvironBuilder.json_dumps = staticmethod(json.dumps)  # type: ignore[method-assign,assignment]
    installed = sorted({entry.value for entry in entry_points(group=ENTRY_POINTS)})
    if installed:
        message = (
            f"features of other packages are installed here: {', '.join(installed)}; "
            "uninstall these packages, or use another virtual environment"
        )
        raise pytest.UsageError(message)


@pytest.fixture(scope="session")
def watch() -> Iterator[Watch]:
    """What looks for secrets in everything that is logged and audited."""
    with watching() as watch:
        yield watch


@pytest.fixture(autouse=True)
def _no_secret_is_told(watch: Watch) -> Iterator[None]:
    """Fail a test during which a secret was logged or audited."""
    yield
    found, watch.found = watch.found, []
    assert found == []


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The PostgreSQL server of the tests: the one that is named, or one of our own."""
    named = os.environ.get("TEST_DATABASE_URL", "")
    if named.startswith("postgres"):
        yield named.replace("postgres://", "postgresql://", 1)
    else:
        with postgres_server() as url:
            yield url


@pytest.fixture(scope="session")
def database(request: pytest.FixtureRequest) -> str:
    """The kind of database that the test runs on."""
    kind: str = request.param
    return kind


@pytest.fixture(scope="session")
def server(
    request: pytest.FixtureRequest, database: str, tmp_path_factory: pytest.TempPathFactory
) -> Server:
    """Where databases of that kind are made."""
    if database == "sqlite":
        return SQLiteFiles(tmp_path_factory.mktemp("sqlite"))
    return PostgresServer(request.getfixturevalue("postgres_url"))


@pytest.fixture(scope="session")
def template_url(server: Server) -> Iterator[str]:
    """A migrated database that nobody writes to; others are copied from it."""
    with server.empty() as url:
        migrate(url)
        yield url


@pytest.fixture
def empty_database_url(server: Server) -> Iterator[str]:
    """A database of the test's own, without tables."""
    with server.empty() as url:
        yield url


@pytest.fixture
def database_url(server: Server, template_url: str) -> Iterator[str]:
    """A migrated database of the test's own, to which it really commits."""
    with server.copy_of(template_url) as url:
        yield url


@pytest.fixture(scope="session")
def settings(
    server: Server, template_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    """The testing settings on the database that all tests share, with patient tokens."""
    with server.copy_of(template_url) as url:
        loaded = settings_for_testing(url, tmp_path_factory.mktemp("instance"))
        yield loaded.replace(SessionSettings, access_lifetime=timedelta(hours=1))


@pytest.fixture(scope="session")
def shared_app(settings: Settings) -> Iterator[Flask]:
    """The application on the database that all tests share."""
    app = create_app(settings)
    yield app
    close(app)


@pytest.fixture
def connection(shared_app: Flask) -> Iterator[Connection]:
    """The connection that the application uses during this test; rolled back at the end."""
    with shared_app.app_context():
        engines = shared_app.extensions["sqlalchemy"].engines
    engine = engines[None]
    with engine.connect() as connection:
        outer = connection.begin()
        engines[None] = connection
        yield connection
        engines[None] = engine
        outer.rollback()


@pytest.fixture
def app(shared_app: Flask, connection: Connection) -> Flask:
    """The application, inside this test's outer transaction."""
    return shared_app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A client of the application."""
    return app.test_client()


@pytest.fixture
def db_session(connection: Connection) -> Iterator[Session]:
    """A session for arranging and looking: it sees what the application sees."""
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def scoped_session(app: Flask, db_session: Session) -> Iterator[ScopedSession]:
    """The application's own session, as in a request."""
    with app.app_context():
        yield app.extensions["sqlalchemy"].session


@pytest.fixture
def transaction(scoped_session: ScopedSession) -> UnitOfWork:
    """The transactions of the application's own session."""
    return transaction_on(scoped_session)


@pytest.fixture
def callers_as_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have services take callers for who the test says they are, though nobody logged in."""

    @contextmanager
    def of(
        transaction: UnitOfWork, principal: Principal, *_: object
    ) -> Iterator[AuthorizedUnitOfWork]:
        with transaction:
            yield AuthorizedUnitOfWork(principal=principal, transaction=transaction)

    monkeypatch.setattr(UnitOfWork, "of", of)


@pytest.fixture(scope="module")
def module_database_url(server: Server, template_url: str) -> Iterator[str]:
    """A migrated database that no other module uses."""
    with server.copy_of(template_url) as url:
        yield url


@pytest.fixture(scope="module")
def committing_app(
    module_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An application on the module's own database."""
    settings = settings_for_testing(module_database_url, tmp_path_factory.mktemp("instance"))
    with application(settings) as app:
        yield app


@pytest.fixture
def own_app(committing_app: Flask) -> Iterator[Flask]:
    """The application that really commits; its tables are emptied after each test."""
    yield committing_app
    empty_tables(committing_app)


@pytest.fixture
def mailbox(app: Flask) -> Iterator[Mailbox]:
    """The mails of the application: see `support.mailbox`."""
    with mailbox_of(app) as mailbox:
        yield mailbox


@pytest.fixture
def own_mailbox(own_app: Flask) -> Iterator[Mailbox]:
    """The mails of the application that really commits."""
    with mailbox_of(own_app) as mailbox:
        yield mailbox


@pytest.fixture
def wide_umask() -> Iterator[None]:
    """Let everything that is made be everybody's unless it is told otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def password_hash(settings: Settings) -> str:
    """The hash of `PASSWORD`."""
    return PasswordHasher(cost=settings.of(PasswordSettings).hashing_cost).hash(PASSWORD)


@pytest.fixture
def user(db_session: Session, password_hash: str) -> Account:
    """An ordinary user."""
    return add_user(db_session, password_hash, email="ada@example.com")


@pytest.fixture
def other_user(db_session: Session, password_hash: str) -> Account:
    """Another ordinary user."""
    return add_user(db_session, password_hash, email="grace@example.com")


@pytest.fixture
def moderator_user(db_session: Session, password_hash: str) -> Account:
    """A moderator."""
    return add_user(db_session, password_hash, email="mod@example.com", role=Role.MODERATOR)


@pytest.fixture
def admin_user(db_session: Session, password_hash: str) -> Account:
    """An administrator, and the only one."""
    return add_user(db_session, password_hash, email="root@example.com", role=Role.ADMIN)


@pytest.fixture
def auth_headers(client: FlaskClient, user: Account) -> Headers:
    """The headers of a request by `user`."""
    return sign_in(client, user)


@pytest.fixture
def other_headers(client: FlaskClient, other_user: Account) -> Headers:
    """The headers of a request by `other_user`."""
    return sign_in(client, other_user)


@pytest.fixture
def moderator_headers(client: FlaskClient, moderator_user: Account) -> Headers:
    """The headers of a request by `moderator_user`."""
    return sign_in(client, moderator_user)


@pytest.fixture
def admin_headers(client: FlaskClient, admin_user: Account) -> Headers:
    """The headers of a request by `admin_user`."""
    return sign_in(client, admin_user)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test that asks for a database on both, unless it names one or any will do."""
    marks = metafunc.definition.iter_markers("parametrize")
    named = any("database" in mark.args[0] for mark in marks)
    if "database" in metafunc.fixturenames and not named:
        kinds = _databases_for(metafunc.definition)
        metafunc.parametrize("database", kinds, indirect=True, scope="session")


def _databases_for(test: pytest.Item) -> Sequence[str | ParameterSet]:
    """Return the databases of a test that names none."""
    if test.get_closest_marker("any_database"):
        return ("sqlite",)
    if test.get_closest_marker("race"):
        # Where writers wait for each other in rows, not in line, is the most to get wrong.
        return ("postgresql", repeated("sqlite"))
    return DATABASES


def pytest_make_parametrize_id(val: object) -> str | None:
    """Name a long text by its length: a test's name is to be read."""
    return f"{len(val)}-characters" if isinstance(val, str) and len(val) > 60 else None


def pytest_collection_finish() -> None:
    """Keep the garbage collector from going through ten thousand tests again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put long tests first; remember for the report which database each test runs on."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
    for item in items:
        parameters = getattr(getattr(item, "callspec", None), "params", {})
        item.user_properties.append(("database", parameters.get("database", "no database")))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how many tests passed on each database."""
    passed = Counter(
        dict(report.user_properties).get("database")
        for report in terminalreporter.stats.get("passed", [])
    )
    counts = ", ".join(f"{kind}: {passed[kind]}" for kind in (*DATABASES, "no database"))
    terminalreporter.write_line(f"tests passed on each database: {counts}")
