"""Every operation works as the role of the service, which owns nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from contract.declared import CALLS, ids_for, path_of
from contract.operations import operations_of
from support.accounts import Account, Headers, open_login
from support.applications import application, engine_of, settings_for_testing
from support.databases import Server, engine_on
from support.events import add_event_row, origins
from support.roles import Roles, roles_on
from userapi.kit.principal import Role

pytestmark = pytest.mark.parametrize("database", ["postgresql"], indirect=True)


@pytest.fixture(scope="module")
def roles(server: Server, template_url: str) -> Iterator[Roles]:
    """The roles of a migrated database."""
    with server.copy_of(template_url) as url, roles_on(url) as roles:
        yield roles


@pytest.fixture(scope="module")
def shared_app(roles: Roles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The application, logged in as the service; limits are counted."""
    folder = tmp_path_factory.mktemp("service")
    limits = {"RATELIMIT_ENABLED": "true", "RATELIMIT_LOGIN": "1000/minute"}
    settings = settings_for_testing(roles.service, folder, **limits)
    with application(settings) as app:
        yield app


@pytest.fixture
def headers(client: FlaskClient, user: Account, admin_user: Account) -> dict[str, Headers]:
    """The headers of each caller, who have logged in before."""
    login = open_login(client, user)
    return {
        "none": {},
        "access": login.access,
        "either": login.refresh,
        "refresh": login.refresh,
        "admin": open_login(client, admin_user).access,
    }


@pytest.fixture
def ids(db_session: Session, user: Account) -> dict[str, object]:
    """What the paths name, all of it that user's."""
    return ids_for(db_session, user.id)


@pytest.mark.parametrize("name", CALLS)
def test_the_operation_works(
    client: FlaskClient,
    document: dict[str, Any],
    ids: dict[str, object],
    headers: dict[str, Headers],
    name: str,
) -> None:
    call = CALLS[name]
    operation = next(it for it in operations_of(document) if it.name == name)
    is_for_admins = (
        call.bearer == "access" and call.status_for(Role.USER, is_owner=True) != call.status
    )

    answer = client.open(
        path_of(operation.path, ids),
        method=operation.method,
        **call.content(),
        headers=headers["admin" if is_for_admins else call.bearer],
    )

    assert answer.status_code == call.status, answer.text


def test_keys_are_made_and_changed(roles: Roles, tmp_path: Path) -> None:
    settings = settings_for_testing(roles.service, tmp_path, JWT_ALGORITHM="EdDSA")
    with application(settings) as app:
        for command in ("generate", "rotate", "list"):
            done = app.test_cli_runner().invoke(args=["keys", command])
            assert done.exit_code == 0, done.output
        coming = done.output.splitlines()[-1].split()[0]
        assert app.test_cli_runner().invoke(args=["keys", "retire", coming]).exit_code == 0


def test_only_the_owner_purges_and_migrates(roles: Roles, tmp_path: Path) -> None:
    with engine_on(roles.admin) as engine, Session(engine) as session:
        add_event_row(session, address="192.0.2.1")

    for arguments in (["purge"], ["db", "downgrade", "--yes"]):
        settings = settings_for_testing(roles.service, tmp_path)
        with application(settings) as app:
            refused = app.test_cli_runner().invoke(args=arguments)
        assert refused.exit_code == 1, arguments
        assert "run this with the DATABASE_URL of the tables' owner" in refused.output

    with application(settings_for_testing(roles.owner, tmp_path)) as app:
        purged = app.test_cli_runner().invoke(args=["purge"])
        assert "origins of events: 1 deleted" in purged.output.splitlines()
        with Session(engine_of(app)) as session:
            assert origins(session) == []
