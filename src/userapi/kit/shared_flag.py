"""A flag that processes share: set in one of them, it is set in all that were forked from it."""

import mmap


class SharedFlag:
    """Is unset at first, and stays set; make it before the processes are forked."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 1)

    @property
    def is_set(self) -> bool:
        """Whether any of the processes has set it."""
        return self._memory[0] != 0

    def set(self) -> None:
        """Set it, in all processes."""
        self._memory[0] = 1


STOPPING = "STOPPING"
"""Where the application's configuration has its `Stopping`."""


class Stopping(SharedFlag):
    """Set when the service is about to stop: it still serves, and wants no new clients."""
