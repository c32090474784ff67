"""What schemathesis does before each request; it loads this file by its path.

The examples of the document name a version that nothing has, a key that came with another body
before, and an account that nobody made; ids that are made up name nothing. Sent as they are, they
hide what is behind them.
"""

import re
from itertools import count
from typing import Any
from urllib.parse import urljoin

import requests
import schemathesis

from userapi.kit.text import is_visible

_KEPT = 8  # of so many requests with an example one sends it as it is
_KEY = re.compile(r'[!#-\[\]-~]{1,255}|"[!#-\[\]-~]{1,255}"')
_LOGIN = "/api/v1/auth/login"
_ADMIN = {"email": "admin@example.com", "password": "admin123"}
_USER = {"email": "user1@example.com", "password": "password123"}
_MAKING_ADMINS = ("/api/v1/users/{user_id}/role", "/api/v1/admin/users")
_VOID = "/api/v1/users/{user_id}/password-reset"
_EMAIL = "/api/v1/users/{user_id}/email"
_REGISTER = "/api/v1/users"
_BULK = "/api/v1/users/bulk-update"
_LISTED = {
    "/api/v1/auth/devices": "devices",
    "/api/v1/auth/sessions": "sessions",
    "/api/v1/admin/imports": "imports",
    "/api/v1/admin/invitations": "invitations",
}
_BEYOND = re.compile("[\U00010000-\U0010ffff]")
_numbers = count(1)


def before_call(context: schemathesis.HookContext, case: Any, kwargs: dict[str, Any]) -> None:
    """Replace examples, the role of admins, and the keys of walks over the links.

    A walk that repeats a key repeats the first answer, which may tell of what another walk has
    deleted.
    """
    _replace_what_ends_the_walk(case)
    _name_what_is_there(case)
    _show_something(case)
    number, headers, document = next(_numbers), case.headers or {}, case.operation.schema.raw_schema
    key = headers.get("Idempotency-Key")
    if _is_key_of_walk(key, case):
        headers["Idempotency-Key"] = f"fuzzing-{number}"
    if number % _KEPT == 0:
        return
    parameters = document["components"]["parameters"]
    if key == parameters["IdempotencyKey"]["example"]:
        headers["Idempotency-Key"] = f"fuzzing-{number}"
    if headers.get("If-Match") == parameters["IfMatch"]["example"]:
        headers["If-Match"] = "*"
    login = document["paths"][_LOGIN]["post"]["requestBody"]["content"]["application/json"]
    if case.path == _LOGIN and case.body == login["example"]:
        case.body = _ADMIN


def _replace_what_ends_the_walk(case: Any) -> None:
    """Keep the calling admin, and let people register: nobody can guess an invitation."""
    body = case.body if isinstance(case.body, dict) else {}
    if case.path in _MAKING_ADMINS and body.get("role") == "admin":
        body["role"] = "moderator"  # with a second admin the calling one could be removed
    if case.path == _BULK and isinstance(body.get("filter"), dict) and body["filter"]:
        body["filter"]["ids"] = [5]  # or nobody who calls were left
        change = body.get("change")
        if isinstance(change, dict) and change.get("role") == "admin":
            change["role"] = "moderator"
    if case.path in (_VOID, _EMAIL) and str((case.path_parameters or {}).get("user_id")) == "1":
        case.path_parameters["user_id"] = 5  # or the calling admin could not log in again
    if case.path == _REGISTER and next(_numbers) % _KEPT:
        body.pop("invitation_token", None)


def _name_what_is_there(case: Any) -> None:
    """Have a removal of what was made up remove what a list tells; a walk has its own links."""
    collection, _, _ = case.path.rpartition("/")
    token = (case.headers or {}).get("Authorization")
    is_removal = case.method.upper() == "DELETE" and collection in _LISTED
    if not is_removal or token is None or case.meta is None or _is_of_walk(case):
        return
    if case.meta.generation.mode.is_positive:
        if _LISTED[collection] == "devices":
            _have_a_device(case, token)
        listed = _read(case, collection, token).get(_LISTED[collection])
        (name,) = case.path_parameters
        if listed:
            case.path_parameters[name] = listed[0]["id"]


def _have_a_device(case: Any, token: str) -> None:
    """Log in as the caller: what ends sessions may have forgotten all devices."""
    email = _read(case, "/api/v1/users/me", token).get("email")
    for login in (_ADMIN, _USER):
        if login["email"] == email:
            requests.post(urljoin(case.operation.base_url, _LOGIN), json=login, timeout=60)


def _read(case: Any, path: str, token: str) -> dict[str, Any]:
    url = urljoin(case.operation.base_url, path)
    read: dict[str, Any] = requests.get(url, headers={"Authorization": token}, timeout=60).json()
    return read


def _show_something(case: Any) -> None:
    """End with a letter what shows nothing beyond Unicode's first plane.

    It is refused as blank, which no pattern that all dialects read alike can tell.
    """
    if case.meta is None or not isinstance(case.body, dict):
        return
    if case.meta.generation.mode.is_positive:
        for name, value in case.body.items():
            if isinstance(value, str) and _BEYOND.search(value) and not is_visible(value):
                case.body[name] = f"{value[:-1]}x"


def _is_of_walk(case: Any) -> bool:
    return case.meta is not None and case.meta.phase.name == "stateful"


def _is_key_of_walk(key: Any, case: Any) -> bool:
    """Say whether it is a valid key, chosen at random during a walk."""
    return _is_of_walk(case) and isinstance(key, str) and _KEY.fullmatch(key) is not None


def before_load_schema(context: schemathesis.HookContext, raw_schema: dict[str, Any]) -> None:
    """Tell schemathesis of the bodies of links where it looks for them.

    The document has them in an extension, for the sake of other readers.
    """
    for path in raw_schema["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values() if "responses" in operation else ():
                for link in response.get("links", {}).values():
                    if "x-request-body" in link:
                        link["requestBody"] = link.pop("x-request-body")


schemathesis.hook(before_call)
schemathesis.hook(before_load_schema)
