"""The settings of one run of schemathesis."""

import json
from dataclasses import dataclass
from pathlib import Path

from contract.declared import named
from contract.fuzzing.callers import LOGINS, Caller
from support.paths import LOGIN
from userapi.testing.contract import Kind

_HERE = Path(__file__).parent
_STANDING = _HERE / "schemathesis.toml"
HOOKS = _HERE / "hooks.py"
_TOKENS = {"bearerAuth": "/access_token", "refreshAuth": "/refresh_token"}

_STEPS = 20  # enough to begin at most operations and to follow what they lead to

_REFUSALS: dict[tuple[Kind, ...], list[int | str]] = {
    # A schema cannot say which version a post or a user has: an If-Match may well name another.
    (Kind.EDIT, Kind.REMOVE): ["2xx", 401, 403, 404, 409, 412],
    (Kind.READ, Kind.CACHED): ["2xx", 304, 401, 403, 404, 412],
    # Nor which keys were used before: one that comes with another body is refused.
    (Kind.CREATE, Kind.BATCH): ["2xx", 401, 409],
}
_REFUSALS_BY_NAME: dict[str, list[int | str]] = {
    # Nor which passwords are common, repeat a few characters, show nothing or are made of a name;
    # nor which tokens were mailed.
    "register": ["2xx", 400, 401, 403, 409],
    "change_password": ["2xx", 400, 401, 403],
    "reset_password": ["2xx", 400, 403],
    "create_user": ["2xx", 401, 403, 409],
    "bulk_update_users": ["2xx", 401, 403, 409],
}


@dataclass(frozen=True)
class Effort:
    """How much is tried: random examples of each operation, and random walks over the links."""

    seed: int
    examples: int
    walks: int


def settings_of(caller: Caller, effort: Effort) -> str:
    """Return the TOML of a run as that caller."""
    return "\n".join(
        [_STANDING.read_text(encoding="utf-8"), *_refusals(), *_numbers(effort), *_login_of(caller)]
    )


def _refusals() -> list[str]:
    """Return with what operations may refuse a request that the document calls valid."""
    by_kind = (
        ([name for name in named(*kinds) if name not in _REFUSALS_BY_NAME], statuses)
        for kinds, statuses in _REFUSALS.items()
    )
    by_name = (([name], statuses) for name, statuses in _REFUSALS_BY_NAME.items())
    return [
        line
        for names, statuses in (*by_kind, *by_name)
        for line in (
            "[[operations]]",
            f"include-operation-id = {json.dumps(names)}",
            f"checks.positive_data_acceptance.expected-statuses = {json.dumps(statuses)}",
        )
    ]


def _numbers(effort: Effort) -> list[str]:
    return [
        "[phases.fuzzing]",
        f"generation.max-examples = {effort.examples}",
        "[phases.stateful]",
        f"generation.max-examples = {effort.walks}",
        # A bad request of an operation without parameters is one without a token: it leads nowhere,
        # and since it is the simplest of all most walks would begin with it.
        'generation.mode = "positive"',
        f"max-steps = {_STEPS}",
    ]


def _login_of(caller: Caller) -> list[str]:
    """Return how tokens are fetched, and fetched again after a 401: cases end sessions."""
    login = LOGINS.get(caller)
    if login is None:
        return []
    return [
        line
        for scheme, pointer in _TOKENS.items()
        for line in (
            f"[auth.dynamic.openapi.{scheme}]",
            f"path = {json.dumps(LOGIN)}",
            "payload = {{ email = {email!r}, password = {password!r} }}".format(**login),
            f"extract_selector = {json.dumps(pointer)}",
        )
    ]
