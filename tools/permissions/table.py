"""The permission matrix: read off the API's document, written as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from userapi.kit.principal import Role

_METHODS = ("get", "post", "put", "patch", "delete")
_TOKENS = {"bearerAuth": "access", "refreshAuth": "refresh"}
_NO_TOKEN = "none"  # noqa: S105 - that there is none, not a secret
_BASE_PATH = "/api/v1"
_BEGIN, _END = "<!-- table: make openapi writes it -->\n", "<!-- end of table -->\n"
_HEAD = """\
| operation | name | what it does | token | user | owner | moderator | admin |
|---|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Permit:
    """What an operation does, which token or tokens it takes, and who may call it."""

    name: str
    call: str
    purpose: str
    token: str
    least_role: Role
    owners_may: bool

    def allows(self, role: Role, *, owner: bool = False) -> bool:
        """Say whether a caller with that role, and with the right token, may."""
        return role.includes(self.least_role) or (owner and self.owners_may)

    @property
    def is_open(self) -> bool:
        """Whether anybody may call it, without any token."""
        return self.token == _NO_TOKEN


def permits_in(document: dict[str, Any]) -> Iterator[Permit]:
    """Yield the permit of every operation, in the document's order."""
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                yield _permit(f"{method.upper()} {path.removeprefix(_BASE_PATH)}", item[method])


def with_table(page: str, document: dict[str, Any]) -> str:
    """Return the page with the table of that document between its two marks."""
    rows = "".join(map(_row, permits_in(document)))
    before, after = page.index(_BEGIN) + len(_BEGIN), page.index(_END)
    return f"{page[:before]}{_HEAD}{rows}{page[after:]}"


def _permit(call: str, operation: dict[str, Any]) -> Permit:
    schemes = [name for alternative in operation["security"] for name in alternative]
    return Permit(
        name=operation["operationId"],
        call=call,
        purpose=operation["summary"].removesuffix("."),
        token=" or ".join(_TOKENS[scheme] for scheme in schemes) or _NO_TOKEN,
        least_role=Role(operation.get("x-required-role", Role.USER)),
        owners_may=operation.get("x-owner-exempt", False),
    )


def _row(permit: Permit) -> str:
    verdicts = [
        permit.allows(Role.USER),
        permit.allows(Role.USER, owner=True),
        permit.allows(Role.MODERATOR),
        permit.allows(Role.ADMIN),
    ]
    cells = [
        f"`{permit.call}`",
        f"`{permit.name}`",
        permit.purpose,
        permit.token,
        *("yes" if verdict else "no" for verdict in verdicts),
    ]
    return f"| {' | '.join(cells)} |\n"
