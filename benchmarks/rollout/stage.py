"""Two releases behind haproxy on one database, and the steps from one to the other and back."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.rollout.releases import Release, last_release, this_program, variables_for
from support.databases import Server
from support.haproxy import HAProxy, haproxy_before
from support.processes import free_port, serving, wait_until

_NOTICED_SECONDS = 60


@dataclass
class Place:
    """Where servers of one release run, one after the other, behind haproxy."""

    name: str
    release: Release
    port: int
    folder: Path
    variables: dict[str, str]
    proxy: HAProxy
    _server: contextlib.ExitStack | None = None

    def open(self) -> None:
        """Start a server, and return when haproxy sends it requests."""
        self._server = contextlib.ExitStack()
        self._server.enter_context(
            serving(
                *self.release.command("serve"),
                folder=self.folder,
                variables={**self.variables, **self.release.variables, "PORT": str(self.port)},
                port=self.port,
            )
        )
        self.proxy.admit(self.name)
        self._wait_for("UP")

    def close(self) -> None:
        """End the server by SIGTERM and nothing else; return when it has ended."""
        if self._server is not None:
            self._server.close()
            self._server = None
            self._wait_for("DOWN")

    def drain(self) -> None:
        """Have haproxy send it nothing more; return when nothing is under way."""
        self.proxy.drain(self.name)
        wait_until(lambda: self.proxy.requests_at(self.name) == 0, _NOTICED_SECONDS)

    def _wait_for(self, status: str) -> None:
        wait_until(lambda: self.proxy.status(self.name).startswith(status), _NOTICED_SECONDS)


@dataclass(frozen=True)
class Stage:
    """The last release and this program, each with its place, and their database."""

    before: Place
    after: Place

    @property
    def url(self) -> str:
        """Where clients ask."""
        return self.before.proxy.url

    def migrate(self) -> float:
        """Migrate to this program's schema; return how many seconds it took."""
        began = time.monotonic()
        after = self.after
        after.release.do("db", "upgrade", folder=after.folder, variables=after.variables)
        return time.monotonic() - began

    def roll_out(self, meanwhile: Callable[[], object]) -> None:
        """Go from the last release to this program; `meanwhile` is called while both serve."""
        self.after.open()
        meanwhile()
        # It does not tell before it stops: haproxy is told.
        self.before.drain()
        self.before.close()

    def roll_back(self, meanwhile: Callable[[], object]) -> None:
        """Go back to the last release; `meanwhile` is called while both serve."""
        self.before.open()
        meanwhile()
        # It tells haproxy itself, by its health check.
        self.after.close()


@contextlib.contextmanager
def stage_on(server: Server, folder: Path, algorithm: str) -> Iterator[Stage]:
    """Set the stage: the last release serves a new database that it made itself.

    Its tokens are signed by that algorithm, with a key that it made, too.
    """
    source = folder / "last-release"
    source.mkdir()
    releases = {"before": last_release(source), "after": this_program()}
    ports = {name: free_port() for name in releases}
    with server.empty() as database_url, contextlib.ExitStack() as stack:
        variables = variables_for(database_url, folder, algorithm)
        for command in (("db", "upgrade"), ("keys", "generate", "--if-needed")):
            releases["before"].do(*command, folder=folder, variables=variables)
        proxy = stack.enter_context(haproxy_before(ports, folder))
        before, after = (
            Place(name, release, ports[name], folder, variables, proxy)
            for name, release in releases.items()
        )
        for place in (after, before):
            stack.callback(place.close)
        # haproxy thinks well of servers until it has looked.
        wait_until(lambda: proxy.status("after").startswith("DOWN"))
        before.open()
        yield Stage(before, after)
