"""What the directory brings."""

from collections.abc import Iterator
from datetime import timedelta

from userapi.config.groups import PasswordSettings, ServerSettings
from userapi.container import Feature, Shared
from userapi.directory.errors import SearchBusy
from userapi.directory.repository import DirectoryRepository
from userapi.directory.resources import blp
from userapi.directory.service import DirectoryService
from userapi.directory.store import SearchIndex
from userapi.kit.lists import ListReads
from userapi.kit.passwords import BoundedQueue
from userapi.users.policy import directory_rules
from userapi.users.settings import UserSettings

_SEARCHES, _WAITING, _PATIENCE = 2, 3, timedelta(seconds=4)
"""How many searches a process runs at once at most, how many wait for that, and how long.

Most take milliseconds. One for which there is no good way to be found reads all users, and a few
of these at once would leave the database no time for others."""


def build(shared: Shared) -> Iterator[object]:
    """Yield what lists users, and what makes searches fast."""
    threads = shared.settings.of(ServerSettings).threads
    slots = searches_at_once(threads, shared.settings.of(PasswordSettings).slots)
    yield DirectoryService(
        directory=DirectoryRepository(db=shared.db),
        rules=directory_rules(shared.settings.of(UserSettings).directory),
        searches=BoundedQueue(slots=slots, waiting=_WAITING, timeout=_PATIENCE, refusal=SearchBusy),
        lists=shared.get(ListReads),
    )
    yield SearchIndex(engine=shared.database.engine)


def searches_at_once(threads: int, hashed_at_once: int) -> int:
    """Return how many searches run at once in a process with such threads.

    Half of them are for others, and one is where it hashes as many passwords as it may, too.
    """
    return max(1, min(_SEARCHES, threads // 2, threads - 1 - hashed_at_once))


FEATURE = Feature(name="directory", blueprint=blp, build=build)
