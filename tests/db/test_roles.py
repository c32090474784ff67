"""What the role of the service may do on PostgreSQL, and what only the owner may."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.errors import InsufficientPrivilege
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from support.applications import application, engine_of, settings_for_testing
from support.databases import Server, engine_on
from support.events import add_event_row
from support.roles import PASSWORDS, Roles, roles_on
from userapi.db.migrations import Migrations
from userapi.db.roles import DatabaseRoles
from userapi.features import metadata

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)

RETENTION = "SET LOCAL userapi.retention = 'on'; "
TRAIL = ("audit_events", "audit_origins")


@pytest.fixture(scope="module")
def roles(server: Server, template_url: str) -> Iterator[Roles]:
    """The roles of a migrated database, which has an event in its trail."""
    with server.copy_of(template_url) as url:
        with engine_on(url) as engine, Session(engine) as session:
            add_event_row(session, address="192.0.2.1")
        with roles_on(url) as roles:
            yield roles


@pytest.fixture
def service(roles: Roles) -> Iterator[Engine]:
    """The engine of the service."""
    with engine_on(roles.service) as engine:
        yield engine


def run(engine: Engine, statement: str) -> None:
    with engine.begin() as connection:
        connection.exec_driver_sql(statement)


def refused(engine: Engine, statement: str) -> None:
    """Fail unless the statement is refused for lack of rights."""
    with pytest.raises(ProgrammingError) as caught:
        run(engine, statement)
    assert isinstance(caught.value.orig, InsufficientPrivilege)


@pytest.mark.parametrize("table", TRAIL)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET {column} = {column}",
        "DELETE FROM {}",
        "TRUNCATE {} CASCADE",
        RETENTION + "DELETE FROM {}",
        "SELECT * FROM {} FOR UPDATE",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP TRIGGER {}_append_only ON {}",
        "ALTER TABLE {} DROP COLUMN {column}",
        "CREATE RULE r AS ON INSERT TO {} DO INSTEAD NOTHING",
        "CREATE TRIGGER t BEFORE INSERT ON {} EXECUTE FUNCTION refuse_audit_change()",
        "DROP TABLE {} CASCADE",
        "LOCK TABLE {} IN ACCESS EXCLUSIVE MODE",
    ],
)
def test_the_service_cannot_change_the_trail(service: Engine, table: str, statement: str) -> None:
    column = "event" if table == "audit_events" else "address"
    refused(service, statement.replace("{}", table).replace("{column}", column))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id integer)",
        "CREATE TEMPORARY TABLE mine (id integer)",
        "CREATE VIEW mine AS SELECT 1",
        "CREATE SCHEMA mine",
        "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        (
            "CREATE OR REPLACE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN RETURN NULL; END'"
        ),
        "ALTER TABLE users ADD COLUMN mine integer",
        "ALTER TABLE users DROP CONSTRAINT ck_users_role",
        "ALTER TABLE users OWNER TO CURRENT_USER",
        "CREATE INDEX mine ON users (id)",
        "CREATE TRIGGER mine AFTER INSERT ON users EXECUTE FUNCTION refuse_audit_change()",
        "DROP TABLE posts",
        "TRUNCATE posts",
        "UPDATE alembic_version SET version_num = '0001'",
        "DELETE FROM alembic_version",
        "INSERT INTO alembic_version VALUES ('9999')",
        "SET session_replication_role = replica",
        "GRANT UPDATE ON audit_events TO PUBLIC",
        "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} GRANT ALL ON TABLES TO PUBLIC",
    ],
)
def test_the_service_cannot_change_the_schema(
    service: Engine, roles: Roles, statement: str
) -> None:
    if statement.startswith("GRANT"):
        run(service, statement)  # PostgreSQL only warns that nothing was granted
        refused(service, "UPDATE audit_events SET event = event")
        return
    refused(service, statement.replace("{owner}", roles.names.owner))


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE ROLE mine",
        "ALTER ROLE {service} SUPERUSER",
        "ALTER ROLE {owner} PASSWORD 'mine'",
        "DROP ROLE {owner}",
        "GRANT {owner} TO {service}",
        "SET ROLE {owner}",
        "SET SESSION AUTHORIZATION {owner}",
        "CREATE DATABASE mine",
        "SELECT rolpassword FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SELECT pg_read_file('PG_VERSION')",
    ],
)
def test_the_service_cannot_change_the_roles(service: Engine, roles: Roles, statement: str) -> None:
    names = {"owner": roles.names.owner, "service": roles.names.service}
    with (
        service.connect().execution_options(isolation_level="AUTOCOMMIT") as connection,
        pytest.raises(ProgrammingError) as caught,
    ):
        connection.exec_driver_sql(statement.format(**names))
    assert isinstance(caught.value.orig, InsufficientPrivilege)


def test_the_service_has_no_right_that_it_does_not_need(service: Engine) -> None:
    found = text(
        "SELECT table_name, string_agg(privilege_type, ' ' ORDER BY privilege_type) "
        "FROM information_schema.table_privileges "
        "WHERE table_schema = 'public' AND grantee = CURRENT_USER GROUP BY table_name"
    )
    with service.connect() as connection:
        rights = {row[0]: row[1] for row in connection.execute(found)}

    expected = dict.fromkeys(metadata.tables, "DELETE INSERT SELECT UPDATE")
    expected |= dict.fromkeys(TRAIL, "INSERT SELECT")
    expected |= dict.fromkeys(("alembic_version", "schema_floors"), "SELECT")
    assert rights == expected


def test_only_the_two_may_connect(roles: Roles) -> None:
    with engine_on(roles.admin) as engine, engine.connect() as connection:
        found = text(
            "SELECT array_agg(DISTINCT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE "
            "grantee::regrole::text END) FROM pg_database, aclexplode(datacl) "
            "WHERE datname = current_database() AND privilege_type IN ('CONNECT', 'TEMPORARY')"
        )
        assert {roles.names.owner, roles.names.service} <= set(connection.scalar(found))
        assert "PUBLIC" not in connection.scalar(found)


def test_only_what_postgresql_keeps_of_a_password_is_sent(roles: Roles) -> None:
    with engine_on(roles.admin) as engine, engine.connect() as connection:
        found = text("SELECT rolpassword FROM pg_authid WHERE rolname = ANY(:names)")
        names = [roles.names.owner, roles.names.service]
        kept = connection.execute(found, {"names": names}).scalars().all()

    assert len({*kept}) == len(names)
    assert all(password.startswith("SCRAM-SHA-256$") for password in kept)


# Migrations


def privileges(engine: Engine, role: str, table: str) -> set[str]:
    found = text(
        "SELECT privilege_type FROM information_schema.table_privileges "
        "WHERE grantee = :role AND table_name = :table"
    )
    with engine.connect() as connection:
        return set(connection.execute(found, {"role": role, "table": table}).scalars())


def test_tables_of_later_migrations_are_the_services_too(roles: Roles, service: Engine) -> None:
    with engine_on(roles.owner) as owner:
        run(owner, "CREATE TABLE later (id bigserial PRIMARY KEY, name text)")
    try:
        run(service, "INSERT INTO later (name) VALUES ('one')")
        run(service, "UPDATE later SET name = 'two'")
        run(service, "DELETE FROM later")
        refused(service, "TRUNCATE later")
    finally:
        with engine_on(roles.owner) as owner:
            run(owner, "DROP TABLE later")


def test_roles_that_come_before_the_tables_are_narrowed_too(empty_database_url: str) -> None:
    with roles_on(empty_database_url) as roles, engine_on(roles.owner) as owner:
        Migrations(engine=owner).upgrade()
        assert "UPDATE" in privileges(owner, roles.names.service, "audit_events")

        DatabaseRoles(engine=owner, metadata=metadata).narrow()

        for table in TRAIL:
            assert privileges(owner, roles.names.service, table) == {"SELECT", "INSERT"}
        for table in ("alembic_version", "schema_floors"):
            assert privileges(owner, roles.names.service, table) == {"SELECT"}


def test_the_command_that_migrates_narrows_them(empty_database_url: str, tmp_path: Path) -> None:
    with (
        roles_on(empty_database_url) as roles,
        application(settings_for_testing(roles.owner, tmp_path)) as app,
    ):
        done = app.test_cli_runner().invoke(args=["db", "upgrade"])

        assert done.exit_code == 0, done.output
        for table in TRAIL:
            rights = privileges(engine_of(app), roles.names.service, table)
            assert rights == {"SELECT", "INSERT"}


def test_a_database_of_a_superuser_changes_hands(database_url: str) -> None:
    with roles_on(database_url) as roles, engine_on(roles.owner) as owner:
        migrations = Migrations(engine=owner)
        migrations.downgrade("-1")
        migrations.upgrade()
        migrations.downgrade("base")
        migrations.upgrade()


def test_the_roles_may_be_made_again(roles: Roles) -> None:
    with engine_on(roles.admin) as engine:
        again = DatabaseRoles(engine=engine, metadata=metadata)
        again.apply(roles.names, PASSWORDS)
        assert privileges(engine, roles.names.service, "audit_events") == {"SELECT", "INSERT"}


# What was there before


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE posts",
        "CREATE TRIGGER mine AFTER INSERT ON users EXECUTE FUNCTION refuse_audit_change()",
        "SELECT setval('users_id_seq', 1)",
        "TRUNCATE later",
        "SELECT setval('later_id_seq', 1)",
    ],
)
def test_rights_that_the_service_had_before_are_taken(
    roles: Roles, service: Engine, statement: str
) -> None:
    names = roles.names
    with engine_on(roles.admin) as engine, engine_on(roles.owner) as owner:
        for kind in ("TABLES", "SEQUENCES"):
            run(engine, f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {names.service}")
            run(
                engine,
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {names.owner} IN SCHEMA public "
                f"GRANT ALL ON {kind} TO {names.service}",
            )

        DatabaseRoles(engine=engine, metadata=metadata).apply(names, PASSWORDS)

        run(owner, "CREATE TABLE later (id bigserial PRIMARY KEY)")
        try:
            refused(service, statement)
        finally:
            run(owner, "DROP TABLE later")


def test_a_database_and_a_schema_of_the_service_change_hands(database_url: str) -> None:
    with roles_on(database_url) as roles, engine_on(roles.admin) as engine:
        name = engine.url.database
        run(engine, f"ALTER DATABASE {name} OWNER TO {roles.names.service}")
        run(engine, f"ALTER SCHEMA public OWNER TO {roles.names.service}")
        run(engine, f"GRANT ALL ON DATABASE {name} TO {roles.names.service}")

        DatabaseRoles(engine=engine, metadata=metadata).apply(roles.names, PASSWORDS)

        with engine_on(roles.service) as service:
            refused(service, "DROP TABLE audit_origins")
            refused(service, "CREATE SCHEMA mine")
            refused(service, "CREATE TEMPORARY TABLE mine (id integer)")
            refused(service, f"ALTER DATABASE {name} SET search_path = mine")
        run(engine, f"ALTER DATABASE {name} OWNER TO CURRENT_USER")


# What is refused


@pytest.mark.parametrize(
    "attribute", ["SUPERUSER", "CREATEROLE", "CREATEDB", "REPLICATION", "BYPASSRLS"]
)
def test_a_role_with_rights_of_its_own_is_refused(roles: Roles, attribute: str) -> None:
    with engine_on(roles.admin) as engine:
        run(engine, f"ALTER ROLE {roles.names.service} {attribute}")
        try:
            with pytest.raises(DBAPIError, match="has rights beyond the tables"):
                DatabaseRoles(engine=engine, metadata=metadata).apply(roles.names, PASSWORDS)
        finally:
            run(engine, f"ALTER ROLE {roles.names.service} NO{attribute}")


@pytest.mark.parametrize(
    "group", ["pg_write_all_data", "pg_execute_server_program", "pg_signal_backend", "a superuser"]
)
def test_a_role_that_shares_such_rights_is_refused(roles: Roles, group: str) -> None:
    with engine_on(roles.admin) as engine:
        group = str(engine.url.username) if group == "a superuser" else group
        run(engine, f"GRANT {group} TO {roles.names.service}")
        try:
            with pytest.raises(DBAPIError, match="has rights beyond the tables"):
                DatabaseRoles(engine=engine, metadata=metadata).apply(roles.names, PASSWORDS)
        finally:
            run(engine, f"REVOKE {group} FROM {roles.names.service}")


def test_a_service_that_is_a_member_of_the_owner_is_refused(roles: Roles) -> None:
    with engine_on(roles.admin) as engine:
        run(engine, f"GRANT {roles.names.owner} TO {roles.names.service}")
        try:
            with pytest.raises(DBAPIError, match="is a member of"):
                DatabaseRoles(engine=engine, metadata=metadata).apply(roles.names, PASSWORDS)
        finally:
            run(engine, f"REVOKE {roles.names.owner} FROM {roles.names.service}")
