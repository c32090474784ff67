"""What the directory brings."""

from collections.abc import Iterator

from userapi.container import Feature, Shared
from userapi.directory.repository import DirectoryRepository
from userapi.directory.resources import blp
from userapi.directory.service import DirectoryService
from userapi.directory.store import SearchIndex
from userapi.users.policy import directory_rules
from userapi.users.settings import UserSettings


def build(shared: Shared) -> Iterator[object]:
    """Yield what lists users, and what makes searches fast."""
    yield DirectoryService(
        directory=DirectoryRepository(db=shared.db),
        rules=directory_rules(shared.settings.of(UserSettings).directory),
    )
    yield SearchIndex(engine=shared.database.engine)


FEATURE = Feature(name="directory", blueprint=blp, build=build)
