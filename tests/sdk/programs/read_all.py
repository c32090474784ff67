"""Reads every kind of answer with the generated client, at each address that it is given.

Prints one line of JSON for each address: what was read, or the error that ended it.
"""

import json
import sys
import traceback
from typing import Any
from uuid import uuid4

from userapi_client import AuthenticatedClient, Client
from userapi_client.api.accounts import register
from userapi_client.api.audit import list_own_events
from userapi_client.api.auth import login, logout, refresh
from userapi_client.api.health import get_liveness
from userapi_client.api.keys import get_jwks
from userapi_client.api.posts import create_post, get_post, list_posts
from userapi_client.api.sessions import list_sessions, revoke_other_sessions
from userapi_client.api.users import (
    get_current_user,
    get_user,
    list_users,
    set_user_role,
    update_user,
)
from userapi_client.models import (
    Login,
    PostCreate,
    RoleChange,
    RoleChangeRole,
    UserCreate,
    UserUpdate,
)

PASSWORD = "correct horse battery"


class Reader:
    """Calls operations, and keeps what they answered."""

    def __init__(self, url: str) -> None:
        self.read: list[Any] = []
        self._url = url

    def authenticated(self, token: str) -> AuthenticatedClient:
        """Return a client with that token."""
        return AuthenticatedClient(base_url=self._url, token=token, verify_ssl=False)

    def anyone(self) -> Client:
        """Return a client without a token."""
        return Client(base_url=self._url, verify_ssl=False)

    def call(self, operation: Any, *arguments: Any, succeeds: bool = True, **options: Any) -> Any:
        """Call it, and return its answer; an outcome that is not expected is an error."""
        answer = operation.sync_detailed(*arguments, **options)
        parsed = None if answer.parsed is None else answer.parsed.to_dict()
        self.read.append([int(answer.status_code), dict(answer.headers), parsed])
        if (answer.status_code < 400) is not succeeds or (succeeds and answer.parsed is None):
            message = f"{operation.__name__}: {self.read[-1]}"
            raise RuntimeError(message)
        return answer


def story(reader: Reader) -> None:
    """Go through all of it, as somebody new."""
    call, anyone = reader.call, reader.anyone()
    call(get_liveness, client=anyone)
    call(get_jwks, client=anyone)
    email = f"ada-{uuid4()}@example.com"
    ada = UserCreate(email=email, password=PASSWORD, first_name="Ada", last_name="Lovelace")
    user = call(register, client=anyone, body=ada).parsed
    call(register, client=anyone, body=ada, succeeds=False)
    nobody = UserCreate(email="nobody", password=PASSWORD, first_name="A", last_name="B")
    call(register, client=anyone, body=nobody, succeeds=False)
    wrong = Login(email=email, password="wrong")
    call(login, client=anyone, body=wrong, succeeds=False)
    tokens = call(login, client=anyone, body=Login(email=email, password=PASSWORD)).parsed
    caller = reader.authenticated(tokens.access_token)
    edit(reader, caller, user.id)
    publish(reader, caller)
    refreshing = reader.authenticated(tokens.refresh_token)
    caller = reader.authenticated(call(refresh, client=refreshing).parsed.access_token)
    call(list_sessions, client=caller)
    call(list_own_events, client=caller)
    call(revoke_other_sessions, client=caller)
    call(logout, client=caller)
    call(get_current_user, client=caller, succeeds=False)


def edit(reader: Reader, caller: AuthenticatedClient, user_id: int) -> None:
    """Read users, and change one."""
    call = reader.call
    etag = call(get_current_user, client=caller).headers["ETag"]
    change = UserUpdate(first_name="Augusta")
    call(update_user, user_id, client=caller, body=change, if_match=etag)
    call(update_user, user_id, client=caller, body=change, if_match=etag, succeeds=False)
    call(get_user, 10**9, client=caller, succeeds=False)
    role = RoleChange(role=RoleChangeRole.ADMIN)
    call(set_user_role, user_id, client=caller, body=role, succeeds=False)
    call(list_users, client=caller, per_page=2)


def publish(reader: Reader, caller: AuthenticatedClient) -> None:
    """Write a post, and read posts."""
    call, key = reader.call, str(uuid4())
    draft = PostCreate(title="Engines", content="They weave.")
    post = call(create_post, client=caller, body=draft, idempotency_key=key).parsed
    other = PostCreate(title="Looms", content="They weave too.")
    call(create_post, client=caller, body=other, idempotency_key=key, succeeds=False)
    call(get_post, post.id, client=caller)
    call(list_posts, client=caller, per_page=2)


for address in sys.argv[1:]:
    reader = Reader(address)
    try:
        story(reader)
        sys.stdout.write(json.dumps(reader.read, separators=(",", ":")) + "\n")
    except Exception:  # noqa: BLE001 - each address is judged by itself
        sys.stdout.write(json.dumps(traceback.format_exc()) + "\n")
