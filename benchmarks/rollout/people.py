"""People who register, log in, write and leave, and remember what they were told was done.

What is asked for and not yet answered is in doubt: it is forgotten first, and remembered when the
answer is there. So everything that is remembered has to be there.
"""

import uuid
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from benchmarks.rollout.asking import Client
from support.paths import LOGIN, LOGOUT, ME, OWN_EVENTS, REFRESH, SESSIONS, USERS

_PASSWORD = "correct horse battery"  # noqa: S105 - of nobody
_CONFLICT = 409
_POSTS = "/api/v1/posts"
_SESSION_TURNS = 7
"""Every so many turns somebody logs in elsewhere."""
_NUMBERS = count()


@dataclass(frozen=True)
class Session:
    """The tokens of a session."""

    access: str
    refresh: str


_NO_SESSION = Session("", "")


@dataclass
class Person:
    """Somebody with an account: what the service acknowledged, which has to be so."""

    client: Client
    number: int = field(default_factory=_NUMBERS.__next__)
    id: int = 0
    name: str | None = None
    session: Session = _NO_SESSION
    device: str | None = None
    posts: dict[int, str] = field(default_factory=dict)
    deleted: set[int] = field(default_factory=set)
    ended: list[Session] = field(default_factory=list)
    turns: int = 0

    @property
    def email(self) -> str:
        """Under which address the account is."""
        return f"person{self.number}@example.com"

    @property
    def token(self) -> str:
        """What the person's requests carry."""
        return self.session.access

    def register(self) -> None:
        """Make an account, twice with one key; log in."""
        body = {"email": self.email, "password": _PASSWORD, "first_name": "A", "last_name": "B"}
        key = str(uuid.uuid4())
        first = self.client.ask(("POST", USERS), 201, body=body, Idempotency_Key=key)
        self.id, self.name = first.body["id"], first.body["first_name"]
        again = self.client.ask(("POST", USERS), 201, 409, body=body, Idempotency_Key=key)
        if again.status == _CONFLICT and again.server != first.server:
            # Keys of whoever is not signed in are those of a network from 0.3.0 on.
            self.client.tally.count_taken()
        else:
            self._expect("the answer to a key", self.id, again.body.get("id"))
        self.session = self.log_in()

    def log_in(self) -> Session:
        """Open a session, from the device that is known by now."""
        known = {} if self.device is None else {"device_token": self.device}
        body = {"email": self.email, "password": _PASSWORD, **known}
        told = self.client.ask(("POST", LOGIN), 200, body=body).body
        self.device = told["device_token"]
        return Session(told["access_token"], told["refresh_token"])

    def take_turn(self) -> None:
        """Do a little of everything, which is about a dozen requests."""
        self.turns += 1
        self.rename()
        written = self.write()
        self.edit(written)
        if self.turns % 3 == 0:
            self.delete(written)
        self.look_around()
        self.session = self.refresh()
        if self.turns % _SESSION_TURNS == 0:
            self.visit()

    def rename(self) -> None:
        """Take another name, if nothing else has changed since it was looked at."""
        seen = self._get(ME)
        self._expect("a name", self.name, seen.body["first_name"])
        name, self.name = f"A{self.turns}", None
        path = ("PATCH", f"{USERS}/{self.id}")
        changes = {"first_name": name}
        self.client.ask(path, 200, body=changes, token=self.token, If_Match=seen.headers["ETag"])
        self.name = name

    def write(self) -> int:
        """Write a post, twice with one key, and return its id."""
        body = {"title": f"Turn {self.turns}", "content": str(uuid.uuid4())}
        key = str(uuid.uuid4())
        first, again = (
            self.client.ask(
                ("POST", _POSTS), 201, body=body, token=self.token, Idempotency_Key=key
            ).body["id"]
            for _ in range(2)
        )
        self.posts[first] = body["content"]
        self._expect("the answer to a key", first, again)
        return int(first)

    def edit(self, post: int) -> None:
        """Change a post that was read before."""
        seen = self._get(f"{_POSTS}/{post}")
        self._expect(f"post {post}", self.posts.pop(post), seen.body["content"])
        content = str(uuid.uuid4())
        path = ("PATCH", f"{_POSTS}/{post}")
        changes = {"content": content}
        self.client.ask(path, 200, body=changes, token=self.token, If_Match=seen.headers["ETag"])
        self.posts[post] = content

    def delete(self, post: int) -> None:
        """Delete a post."""
        del self.posts[post]
        self.client.ask(("DELETE", f"{_POSTS}/{post}"), 204, token=self.token)
        self.deleted.add(post)

    def look_around(self) -> None:
        """Read lists."""
        self._get(SESSIONS)
        listed = self._get(f"{USERS}/{self.id}/posts?per_page=100").body["posts"]
        self._expect("the posts in a list", set(self.posts), {post["id"] for post in listed})

    def refresh(self) -> Session:
        """Go on with the session, by its refresh token."""
        token, self.session = self.session.refresh, _NO_SESSION
        told = self.client.ask(("POST", REFRESH), 200, token=token).body
        return Session(told["access_token"], told["refresh_token"])

    def visit(self) -> None:
        """Log in from the same device once more, look how that was seen, and log out."""
        there = self.log_in()
        newest = next(
            event
            for event in self._get(OWN_EVENTS).body["events"]
            if event["event"] == "session:created"
        )
        self._expect("the device", "known", newest["details"]["device"])
        self.client.ask(("POST", LOGOUT), 200, token=there.access)
        self.ended.append(there)

    def check(self) -> None:
        """Look whether everything that was acknowledged is so, and what was ended has ended."""
        self.session = self.log_in() if self.session == _NO_SESSION else self.refresh()
        if self.name is not None:
            self._expect("a name", self.name, self._get(ME).body["first_name"])
        for post, content in self.posts.items():
            found = self.client.ask(("GET", f"{_POSTS}/{post}"), 200, token=self.token).body
            self._expect(f"post {post}", content, found["content"])
        for post in self.deleted:
            self.client.ask(("GET", f"{_POSTS}/{post}"), 404, token=self.token)
        for session in self.ended:
            self._is_refused(("GET", ME), session.access)
            self._is_refused(("POST", REFRESH), session.refresh)

    def _is_refused(self, what: tuple[str, str], token: str) -> None:
        self.client.ask(what, 401, token=token)

    def _get(self, path: str) -> Any:
        return self.client.ask(("GET", path), 200, token=self.token)

    def _expect(self, what: str, acknowledged: object, found: object) -> None:
        if acknowledged != found:
            self.client.tally.lose(f"{what} of {self.email}: {acknowledged}, but {found}")
