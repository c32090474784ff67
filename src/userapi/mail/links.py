"""Where the links in mails lead: to our own pages, or to those of a front end.

Nothing of a request is part of a link: whoever sends a forged `Host` changes no mail. The token
stands in the fragment, which browsers send to no server, and no proxy writes into its log.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

LINK_PAGES = "/links"
"""The path below which our own pages are: `/links/verify` and so on."""


class LinkKind(StrEnum):
    """What somebody may do who follows a link."""

    VERIFY = "verify"
    RESET = "reset"
    CHANGE = "change"
    UNDO = "undo"
    INVITE = "invite"


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a mail: what it is for, and its token. It becomes a URL when the mail is sent."""

    kind: LinkKind
    token: str = field(repr=False)


class Links:
    """Makes URLs of tokens.

    `public_url` is that of the service as others see it, with its prefix; `pages` are those of a
    front end that take the place of our own. None has a fragment.
    """

    def __init__(self, *, public_url: str, pages: Mapping[LinkKind, str]) -> None:
        self._public_url = public_url
        self._pages = pages

    def page(self, kind: LinkKind) -> str:
        """Return the URL of the page for that kind, without a token."""
        return self._pages.get(kind) or f"{self._public_url}{LINK_PAGES}/{kind}"

    def url(self, kind: LinkKind, token: str) -> str:
        """Return the URL of that page with a token as its fragment."""
        return f"{self.page(kind)}#{token}"
