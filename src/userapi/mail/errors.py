"""What can be wrong with mail, for the operator."""

from collections.abc import Sequence

from userapi.kit.errors import OperatorError


class BrokenTemplates(OperatorError):
    """Templates of the operator's folder are not fit; each is named with its line."""

    message = "MAIL_TEMPLATES has templates that cannot be used:"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__()
        self._problems = problems

    def __str__(self) -> str:
        """Return the message, and a line for each template."""
        return "\n".join((self.message, *(f"  {problem}" for problem in self._problems)))
