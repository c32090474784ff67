"""What an operation does with headers: values that each concern declares for itself.

The document, its components and the CORS lists are made of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class HeaderParameter:
    """A header that is read from requests.

    `component` names it in the document, `definition` is what the document says about it.
    """

    component: str
    name: str
    definition: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """A header of answers: of those below 400, and with `on_errors` of all.

    `component` names it in the document, `definition` is what the document says about it.
    """

    component: str
    name: str
    definition: Mapping[str, Any]
    on_errors: bool = False

    @property
    def reference(self) -> dict[str, str]:
        """How a response of the document refers to it."""
        return {"$ref": f"#/components/headers/{self.component}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """Something that an operation does with headers; a concern with more to say subclasses it.

    `responses` are answers that come with it: a description for each status. `facts` are added to
    the operation's document as they are. A trait with `reads_only` holds for GET, and is nothing
    for other methods.
    """

    name: str
    parameters: tuple[HeaderParameter, ...] = ()
    headers: tuple[ResponseHeader, ...] = ()
    responses: Mapping[int, str] = field(default_factory=dict)
    facts: Mapping[str, Any] = field(default_factory=dict)
    reads_only: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing(Trait):
    """An answer of many items: as many as the query parameter `size_parameter` asks for."""

    size_parameter: str
