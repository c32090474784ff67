"""What later versions may do to an answer that today's clients read: docs/sdk.md promises it.

Each mutation adds to every answer in which it finds its place. An added value has `NEW` in it, so
that a client which still works can be seen to have got it.
"""

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

NEW = "not-known-yet"
_NEW_FIELDS: dict[str, Any] = {
    f"a {NEW}": NEW,
    "flag": True,
    "number": 2**40,
    "nothing": None,
    "list": [{"deep": [NEW]}],
    "object": {"deep": {"deeper": NEW}},
}


@dataclass
class Answer:
    """An answer of the service, before it is sent."""

    status: int
    headers: dict[str, str]
    body: Any


@dataclass(frozen=True)
class Mutation:
    """A change of answers, and what of it a client must have got."""

    change: Callable[[Answer], None]
    trace: str = NEW


# The members that tell which schema an object of an answer has.
_MARKS: dict[str, set[str]] = {
    "user": {"full_name"},
    "user-page": {"users", "total"},
    "post": {"content", "author_id"},
    "post-page": {"posts", "total"},
    "login-result": {"access_token", "device_token"},
    "token-pair": {"access_token"},
    "session-list": {"sessions"},
    "session": {"last_used_at"},
    "event-page": {"events", "next_cursor"},
    "event": {"occurred_at"},
    "revoked-sessions": {"revoked"},
    "health": {"status"},
    "message": {"message"},
    "jwk-set": {"keys"},
    "jwk": {"kid", "kty"},
    "problem": {"instance", "code"},
    "field-error": {"detail", "code"},
}
_VALUES = {
    "role": "user",
    "event": "event",
    "token_type": "token-pair",
    "status": "health",
    "alg": "jwk",
    "use": "jwk",
    "kty": "jwk",
    "crv": "jwk",
    "code": "field-error",
}
_LISTS = {
    "users": "user-page",
    "posts": "post-page",
    "sessions": "session-list",
    "events": "event-page",
    "keys": "jwk-set",
    "errors": "problem",
}
_HEADERS = {
    "X-Later": NEW,
    "Link": f'</later>; rel="{NEW}"',
    "Cache-Control": f'no-store, {NEW}="a"',
    "WWW-Authenticate": f'{NEW} realm="userapi", Bearer realm="userapi"',
    "Vary": NEW,
}


def objects_in(body: Any, kind: str) -> Iterator[dict[str, Any]]:
    """Yield every object of that kind, however deep."""
    if isinstance(body, list):
        for item in body:
            yield from objects_in(item, kind)
    elif isinstance(body, dict):
        if _is(body, kind):
            yield body
        for item in [*body.values()]:
            yield from objects_in(item, kind)


def _is(item: dict[str, Any], kind: str) -> bool:
    is_problem = "instance" in item
    if kind in {"health", "field-error"} and is_problem:
        return False
    return item.keys() >= _MARKS[kind]


def _gain_fields(kind: str) -> Mutation:
    def change(answer: Answer) -> None:
        for item in objects_in(answer.body, kind):
            item.update(deepcopy(_NEW_FIELDS))

    return Mutation(change)


def _gain_value(kind: str, member: str) -> Mutation:
    def change(answer: Answer) -> None:
        for item in objects_in(answer.body, kind):
            item[member] = f"{NEW}:{member}"

    return Mutation(change, f"{NEW}:{member}")


def _gain_entry(kind: str, member: str) -> Mutation:
    """Repeat the first entry of a list, with new fields of its own."""

    def change(answer: Answer) -> None:
        for item in objects_in(answer.body, kind):
            for first in item.get(member, [])[:1]:
                item[member].append({**first, **deepcopy(_NEW_FIELDS)})

    return Mutation(change)


def _gain_code(status: int) -> Mutation:
    code = f"{NEW}-{status}"

    def change(answer: Answer) -> None:
        if answer.status == status:
            answer.body.update(code=code, title="Later", type=f"https://example.com/#{code}")

    return Mutation(change, code)


def _gain_header(name: str) -> Mutation:
    def change(answer: Answer) -> None:
        before = answer.headers.get(name)
        is_list = before is not None and name == "Link"
        answer.headers[name] = f"{before}, {_HEADERS[name]}" if is_list else _HEADERS[name]

    return Mutation(change)


def _gain_status(old: int, new: int) -> Mutation:
    """Answer an error with another status; a program sees that, as every client hands it on."""

    def change(answer: Answer) -> None:
        if answer.status == old:
            answer.status = new
            answer.body.update(status=new, code=f"{NEW}-{new}")

    return Mutation(change, f"[{new},")


def _reverse(answer: Answer) -> None:
    if isinstance(answer.body, dict):
        answer.body = dict(reversed(answer.body.items()))
    answer.headers["X-Reversed"] = NEW


def _gain_media_parameter(answer: Answer) -> None:
    if "Content-Type" in answer.headers:
        answer.headers["Content-Type"] += f"; profile={NEW}"


def _gain_details(answer: Answer) -> None:
    for event in objects_in(answer.body, "event"):
        event["details"] |= {f"{NEW} text": NEW, "number": 7, "none": None, "list": [NEW]}


def _lose_places(answer: Answer) -> None:
    """Tell of a mistake that is in neither the body, a parameter nor a header."""
    for problem in objects_in(answer.body, "problem"):
        if "errors" in problem:
            problem["errors"].append({"code": NEW, "detail": "Later.", "cookie": "session"})


MUTATIONS: dict[str, Mutation] = {
    **{f"fields-of-{kind}": _gain_fields(kind) for kind in _MARKS},
    **{f"value-of-{kind}-{member}": _gain_value(kind, member) for member, kind in _VALUES.items()},
    **{f"entry-of-{member}": _gain_entry(kind, member) for member, kind in _LISTS.items()},
    **{f"code-of-{status}": _gain_code(status) for status in (400, 401, 403, 404, 409, 412)},
    **{f"status-{old}-{new}": _gain_status(old, new) for old, new in ((404, 410), (409, 423))},
    **{f"header-{name.lower()}": _gain_header(name) for name in _HEADERS},
    "order-of-members": Mutation(_reverse),
    "media-type-parameter": Mutation(_gain_media_parameter),
    "details-of-event": Mutation(_gain_details),
    "place-of-a-mistake": Mutation(_lose_places),
}
