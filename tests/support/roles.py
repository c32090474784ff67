"""The roles of `userapi db roles` on a test's own database, and URLs that log in as them."""

import contextlib
import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg
from psycopg import sql
from sqlalchemy.engine import make_url

from support.databases import engine_on
from userapi.db.roles import DatabaseRoles, RoleNames
from userapi.features import metadata

PASSWORDS = ("the owner's password", "the service's password")


@dataclass(frozen=True)
class Roles:
    """Both roles, and the URLs of whoever may do everything, of the owner and of the service."""

    names: RoleNames
    admin: str
    owner: str
    service: str


@contextlib.contextmanager
def roles_on(url: str) -> Iterator[Roles]:
    """Make the roles on the database at `url`; drop them at the end, and what is theirs."""
    suffix = f"{os.getpid()}_{uuid.uuid4().hex[:8]}"
    names = RoleNames(f"userapi_owner_{suffix}", f"userapi_service_{suffix}")
    with engine_on(url) as engine:
        DatabaseRoles(engine=engine, metadata=metadata).apply(names, PASSWORDS)
    try:
        owner, service = (
            make_url(url)
            .set(username=name, password=password)
            .render_as_string(hide_password=False)
            for name, password in zip((names.owner, names.service), PASSWORDS, strict=True)
        )
        yield Roles(names, url, owner, service)
    finally:
        address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(address, autocommit=True) as connection:
            for name in (names.owner, names.service):
                for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                    connection.execute(sql.SQL(statement).format(sql.Identifier(name)))


@contextlib.contextmanager
def role_without_rights(url: str) -> Iterator[str]:
    """Make a role that may only log in; yield the URL with which it does."""
    name = f"userapi_stranger_{os.getpid()}_{uuid.uuid4().hex[:8]}"
    address = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(address, autocommit=True) as connection:
        statement = "CREATE ROLE {} LOGIN PASSWORD {}"
        connection.execute(sql.SQL(statement).format(sql.Identifier(name), PASSWORDS[0]))
        try:
            own = make_url(url).set(username=name, password=PASSWORDS[0])
            yield own.render_as_string(hide_password=False)
        finally:
            connection.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(name)))
