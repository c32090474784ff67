"""What can go wrong with an import.

DomainError
├── ImportNotFound          there is no such import, or it was deleted after its end
├── ImportEnded             it is over: nothing is added to it, and it is not cancelled
├── ImportComplete          its last part has come already
├── ImportPartOutOfOrder    another part is the next one
├── ImportTooLarge          all its parts together would be more than is taken
└── TooManyImports          so many imports wait that no other one is taken

OperatorErrors: SourceRefused, a file that cannot be imported at all, or is another one, and
ImportRunning, another process goes on with the import.
"""

from userapi.kit.errors import DomainError, Kind, OperatorError


class ImportNotFound(DomainError):
    """There is no such import, or it was deleted after its end."""

    kind = Kind.NOT_FOUND
    code = "import-not-found"
    title = "Import not found"
    detail = "No import has this id; it may have been deleted some time after its end."


class ImportEnded(DomainError):
    """The import is over."""

    kind = Kind.CONFLICT
    code = "import-ended"
    title = "Import has ended"
    detail = "The import is done, failed or cancelled; begin another one."


class ImportComplete(DomainError):
    """The last part of the import has come already."""

    kind = Kind.CONFLICT
    code = "import-complete"
    title = "Import is complete"
    detail = "The last part of this import has come already; begin another one for what is left."


class ImportPartOutOfOrder(DomainError):
    """Another part is the next one."""

    kind = Kind.CONFLICT
    code = "import-part-out-of-order"
    title = "Another part is next"
    detail = "Parts come in order, each once; `parts` of the import tells how many there are."


class ImportTooLarge(DomainError):
    """All parts together would be more than is taken."""

    kind = Kind.CONFLICT
    code = "import-too-large"
    title = "Import is too large"
    detail = (
        "The parts together would be more than this service takes in one import; begin another "
        "one for the rest, or have the operator import the file."
    )


class TooManyImports(DomainError):
    """So many imports wait that no other one is taken."""

    kind = Kind.CONFLICT
    code = "too-many-imports"
    title = "Too many imports wait"
    detail = "Wait until an import is over, or cancel one."


class ImportRunning(OperatorError):
    """Another process is running the import."""

    message = "another process is running this import: look at its state before going on with it"


class SourceRefused(OperatorError):
    """A file that cannot be imported at all, or is another one than before."""

    message = "the file cannot be imported"

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        """Return the message with the reason."""
        return f"{self.message}: {self.reason}"
