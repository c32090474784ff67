"""Two roles of PostgreSQL: one owns the tables, one is the service's and may only use them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, MetaData, text
from sqlalchemy.engine import Connection

from userapi.db.floors import FLOORS
from userapi.kit.errors import OperatorError

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_APPEND_ONLY = "append_only"
_READ_ONLY = ("alembic_version", FLOORS.name)


class NoRoles(OperatorError):
    """The database has no roles."""

    message = "SQLite has no roles; whoever can write to the file can do everything"


class BadRoleName(OperatorError):
    """What cannot be the name of a role."""

    message = "a role's name has lower-case letters, digits and underscores, and the two differ"


@dataclass(frozen=True, slots=True)
class RoleNames:
    """Who owns the tables and runs the migrations, and as whom the service logs in."""

    owner: str
    service: str

    def __post_init__(self) -> None:
        """Raise `BadRoleName` for what would have to be quoted, and where both are one."""
        names = (self.owner, self.service)
        if not all(_NAME.fullmatch(name) for name in names) or len({*names}) < len(names):
            raise BadRoleName


def append_only(metadata: MetaData) -> list[str]:
    """Return the tables that are only added to: their models' `info` says so."""
    return sorted(table.name for table in metadata.tables.values() if table.info.get(_APPEND_ONLY))


class DatabaseRoles:
    """Makes the roles, and keeps what the service may do small."""

    def __init__(self, *, engine: Engine, metadata: MetaData) -> None:
        self._engine = engine
        self._append_only = append_only(metadata)

    def script(self, names: RoleNames) -> str:
        """Return the SQL that makes both roles and gives each its rights.

        It is for a superuser on the service's database, and may be repeated at any time.
        """
        return "".join(f"{statement.strip()};\n\n" for statement in self._statements(names))

    def apply(self, names: RoleNames, passwords: Sequence[str]) -> None:
        """Run the script, and give the owner and the service these passwords.

        What is sent is only what PostgreSQL keeps of a password. Raises `NoRoles` on SQLite.
        """
        self._ensure_roles()
        with self._engine.begin() as connection:
            for statement in self._statements(names):
                connection.exec_driver_sql(statement)
            for name, password in zip((names.owner, names.service), passwords, strict=True):
                kept = _kept_of_password(connection, name, password)
                connection.exec_driver_sql(f"ALTER ROLE {name} PASSWORD '{kept}'")

    def narrow(self) -> None:
        """Take from roles that get rights on each new table those that tables forbid.

        It is for the owner, after migrations. SQLite has no roles, and nothing is done.
        """
        if self._engine.dialect.name == "postgresql":
            with self._engine.begin() as connection:
                connection.exec_driver_sql(self._narrowing())

    def owns_tables(self) -> bool:
        """Say whether this is the owner of the tables that are only added to, or acts as it does.

        Whoever can write to the file of an SQLite database does.
        """
        if self._engine.dialect.name != "postgresql":
            return True
        with self._engine.connect() as connection:
            owns = connection.execute(text(_OWNS_TABLES), {"tables": self._append_only}).scalar()
        return bool(owns)

    def _ensure_roles(self) -> None:
        if self._engine.dialect.name != "postgresql":
            raise NoRoles

    def _statements(self, names: RoleNames) -> Iterator[str]:
        for name in (names.owner, names.service):
            yield _ROLE.format(name=name)
        yield _SEPARATION.format(owner=names.owner, service=names.service)
        yield _DATABASE.format(owner=names.owner, service=names.service)
        yield _OWNERSHIP.format(owner=names.owner)
        yield _GRANTS.format(owner=names.owner, service=names.service)
        yield self._narrowing()

    def _narrowing(self) -> str:
        return _NARROWING.format(
            tables=_quoted((*self._append_only, *_READ_ONLY)), read_only=_quoted(_READ_ONLY)
        )


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)


def _kept_of_password(connection: Connection, name: str, password: str) -> str:
    driver: Any = connection.connection.driver_connection
    kept: bytes = driver.pgconn.encrypt_password(password.encode(), name.encode(), b"scram-sha-256")
    return kept.decode()


_OWNS_TABLES = """
SELECT bool_and(pg_has_role(c.relowner, 'USAGE'))
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY(:tables)
"""

_ROLE = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN
        CREATE ROLE {name} LOGIN;
    ELSIF EXISTS (
        SELECT FROM pg_roles WHERE pg_has_role('{name}', oid, 'MEMBER') AND
        (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
            OR rolname IN ('pg_write_all_data', 'pg_read_server_files', 'pg_write_server_files',
                'pg_execute_server_program', 'pg_signal_backend', 'pg_maintain',
                'pg_create_subscription'))
    ) THEN
        RAISE EXCEPTION 'the role {name} is there, and has rights beyond the tables';
    END IF;
END $$
"""

_SEPARATION = """
DO $$ BEGIN
    IF pg_has_role('{service}', '{owner}', 'MEMBER') THEN
        RAISE EXCEPTION 'the role {service} is a member of {owner}';
    END IF;
END $$
"""

# Who owns a schema may drop what is in it, and who owns the database owns its schema `public`.
_DATABASE = """
DO $$ BEGIN
    IF EXISTS (
        SELECT FROM pg_database
        WHERE datname = current_database() AND datdba = '{service}'::regrole
    ) THEN
        EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' OWNER TO {owner}';
    END IF;
    IF EXISTS (
        SELECT FROM pg_namespace WHERE nspname = 'public' AND nspowner = '{service}'::regrole
    ) THEN
        ALTER SCHEMA public OWNER TO {owner};
    END IF;
    EXECUTE 'REVOKE ALL ON DATABASE ' || quote_ident(current_database()) ||
        ' FROM PUBLIC, {service}';
    EXECUTE 'GRANT CONNECT ON DATABASE ' || quote_ident(current_database()) ||
        ' TO {owner}, {service}';
    REVOKE CREATE ON SCHEMA public FROM PUBLIC, {service};
    GRANT USAGE, CREATE ON SCHEMA public TO {owner};
    GRANT USAGE ON SCHEMA public TO {service};
END $$
"""

# Sequences of columns go with their tables, and what an extension made is not ours.
_OWNERSHIP = """
DO $$ DECLARE item record; BEGIN
    FOR item IN
        SELECT 'TABLE ' || c.oid::regclass AS name, c.oid AS id, 'pg_class'::regclass AS kind
        FROM pg_class c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
            AND c.relowner <> '{owner}'::regrole
        UNION ALL
        SELECT 'FUNCTION ' || p.oid::regprocedure, p.oid, 'pg_proc'::regclass
        FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prokind = 'f'
            AND p.proowner <> '{owner}'::regrole
    LOOP
        IF NOT EXISTS (
            SELECT FROM pg_depend d
            WHERE d.classid = item.kind AND d.objid = item.id AND d.deptype IN ('a', 'e', 'i')
        ) THEN
            EXECUTE 'ALTER ' || item.name || ' OWNER TO {owner}';
        END IF;
    END LOOP;
END $$
"""

# What the service was granted before goes, in the same moment.
_GRANTS = """
DO $$ BEGIN
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {service};
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {service};
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {service};
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {service};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        REVOKE ALL ON TABLES FROM {service};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {service};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        REVOKE ALL ON SEQUENCES FROM {service};
    ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public
        GRANT USAGE ON SEQUENCES TO {service};
END $$
"""

_NARROWING = """
DO $$ DECLARE item record; BEGIN
    FOR item IN
        SELECT DISTINCT c.oid::regclass AS name, given.privilege_type AS privilege, r.rolname AS who
        FROM pg_class c
        CROSS JOIN aclexplode(c.relacl) given
        JOIN pg_roles r ON r.oid = given.grantee
        JOIN pg_default_acl a ON a.defaclrole = c.relowner AND a.defaclobjtype = 'r'
        CROSS JOIN aclexplode(a.defaclacl) later
        WHERE c.relnamespace = 'public'::regnamespace AND c.relname IN ({tables})
            AND later.grantee = given.grantee AND given.grantee <> c.relowner
            AND given.privilege_type <> 'SELECT'
            AND (given.privilege_type <> 'INSERT' OR c.relname IN ({read_only}))
    LOOP
        EXECUTE 'REVOKE ' || item.privilege || ' ON ' || item.name || ' FROM '
            || quote_ident(item.who);
    END LOOP;
END $$
"""
