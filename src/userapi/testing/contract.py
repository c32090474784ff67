"""What a feature declares of its operations; every contract check reads it.

CONTRACT = Contract(
calls={
"create_note": Call(body={"text": "Milk."}, status=201, event=NoteEvent.CREATED),
"list_notes": Call(Kind.LIST),
},
schemas={"Note", "NoteCreate", "NotePage"},
)
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Literal

from sqlalchemy.orm import Session

from userapi.kit.events import Event
from userapi.kit.principal import Role


class Kind(Enum):
    """What an operation does with what its path names, which decides about its headers."""

    OTHER = auto()
    CREATE = auto()
    ADD = auto()  # makes what has no version, each time that it is asked for
    BATCH = auto()  # changes many things, once for each key
    READ = auto()
    LIST = auto()
    WHOLE_LIST = auto()  # a list that is short, and has no pages
    EDIT = auto()
    REMOVE = auto()
    CACHED = auto()  # what anybody may keep for a while


ANSWERED: Mapping[str, frozenset[Kind]] = {
    "Cache-Control": frozenset({Kind.CACHED}),
    "ETag": frozenset({Kind.CREATE, Kind.READ, Kind.EDIT, Kind.CACHED}),
    "Idempotency-Replayed": frozenset({Kind.CREATE, Kind.BATCH}),
    "Link": frozenset({Kind.LIST}),
    "Location": frozenset({Kind.CREATE, Kind.ADD}),
}
"""Which kinds of operations answer with a header when they succeed."""

READ_FROM_REQUEST: Mapping[str, frozenset[Kind]] = {
    "Idempotency-Key": frozenset({Kind.CREATE, Kind.BATCH}),
    "If-Match": frozenset({Kind.EDIT, Kind.REMOVE, Kind.READ, Kind.CACHED}),
    "If-None-Match": frozenset({Kind.READ, Kind.CACHED}),
}
"""Which kinds of operations take a header."""

MakeObject = Callable[[Session, int], object]
"""Commits an object that belongs to the user with that id, and returns its own id."""


Arrange = Callable[[Session, int], None]
"""Commits what bodies name, for the user with that id; done again, it replaces that."""


def _arranges_nothing(_session: Session, _user_id: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Call:
    """How an operation is called so that it succeeds, and who may.

    Its caller has the token that `bearer` names (`either` the access token or the refresh token),
    and at least `role`. With `or_owner` the user to
    whom the objects in its path belong may call it too; when it is `private` only that user may,
    and for all others there is no such object. `status` is what it answers, `event` what it leaves
    in the audit trail (None: it changes nothing). `body` is what it takes, or `file` where
    that is a file as it is; it may set the columns
    that are named there or in `also_sets`, and no others. `is_limited`: it is `@limited`, besides
    what limits every operation.
    """

    kind: Kind = Kind.OTHER
    body: Mapping[str, Any] | None = None
    file: bytes | None = None
    also_sets: Collection[str] = ()
    status: int = 200
    event: Event | None = None
    bearer: Literal["none", "access", "refresh", "either"] = "access"
    role: Role = Role.USER
    or_owner: bool = False
    private: bool = False
    is_limited: bool = False

    def status_for(self, role: Role, *, is_owner: bool) -> int:
        """Return what a caller with that role and an access token is answered."""
        if self.private:
            return self.status if is_owner else 404
        may = role.includes(self.role) or (self.or_owner and is_owner)
        return self.status if may else 403

    def content(self) -> dict[str, Any]:
        """Return how a test client is told what is sent."""
        if self.file is None:
            return {"json": self.body}
        return {"data": self.file, "content_type": "application/octet-stream"}

    def sets(self) -> set[str]:
        """Return the fields that its body may name."""
        return {*(self.body or {}), *self.also_sets}


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """All operations of a feature, by their names.

    `schemas` are the names of the bodies' schemas, which become the types of generated clients.
    `objects` make what the paths name, by the path's parameter; `user_id` is always there.
    `arrange` makes what the bodies name. `urls` are the fields that hold an address of somewhere
    else, which is neither fetched nor followed.
    """

    calls: Mapping[str, Call]
    schemas: Collection[str] = ()
    objects: Mapping[str, MakeObject] = field(default_factory=dict)
    arrange: Arrange = _arranges_nothing
    urls: Collection[str] = ()
