"""Who reads lists at several servers: with what they have just changed, and after logging out."""

import threading
import time
import uuid
from typing import Self

from benchmarks.faults.asking import Answers, Request
from benchmarks.faults.journeys import PASSWORD, POSTS, World
from support.paths import LOGIN, LOGOUT, USERS

_PAUSE = 0.2
_LISTS = 5
_PAGE = f"{POSTS}?per_page=100"


class Reader:
    """Signs up, publishes, reads lists, and logs out, until the block ends.

    `own` counts the lists read right after a change, `others` those without one; `unseen` tells the
    changes that were missing in one's own lists, and `let_in` those who got a list afterwards.
    """

    def __init__(self, world: World) -> None:
        self.answers = Answers()
        self.own = self.others = self.unseen = self.let_in = 0
        self._asker = world.asker(self.answers)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End, once what is under way is over."""
        self._is_over.set()
        self._thread.join()
        self._asker.close()

    @property
    def lists(self) -> int:
        """How many lists were read."""
        return self.own + self.others

    def _run(self) -> None:
        while not self._is_over.wait(_PAUSE):
            token = self._signed_up()
            for _ in range(_LISTS if token else 0):
                self._publish_and_read(token)
            self._leave(token)

    def _signed_up(self) -> str:
        """Return somebody's token, or nothing while nobody can sign up."""
        email = f"reader-{uuid.uuid4().hex}@example.com"
        credentials = {"email": email, "password": PASSWORD}
        person = {**credentials, "first_name": "Ada", "last_name": "Byron"}
        self._asker.ask(Request("register", "POST", USERS, person))
        login = self._asker.ask(Request("login", "POST", LOGIN, credentials))
        return str(login.body["access_token"]) if login.is_success else ""

    def _publish_and_read(self, token: str) -> None:
        title = uuid.uuid4().hex
        post = self._asker.ask(
            Request("post", "POST", POSTS, {"title": title, "content": "."}, token)
        )
        listed = self._asker.ask(Request("list", "GET", _PAGE, token=token))
        if listed.is_success:
            self.own += 1
            is_there = title in {each["title"] for each in listed.body["posts"]}
            self.unseen += post.is_success and not is_there
        for _ in range(2):
            time.sleep(_PAUSE)
            self.others += self._asker.ask(Request("list", "GET", _PAGE, token=token)).is_success

    def _leave(self, token: str) -> None:
        """Log out, and read once more at each server."""
        logout = self._asker.ask(Request("logout", "POST", LOGOUT, token=token))
        for _ in range(2 if logout.is_success else 0):
            self.let_in += self._asker.ask(Request("ended", "GET", _PAGE, token=token)).is_success
