"""Reading environment variables and remembering what is wrong with each."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path

_TRUE = ("true", "1", "yes", "on")
_FALSE = ("false", "0", "no", "off")
_MOST_DIGITS = 19
_ONE_YEAR = 365 * 24 * 3600


class VariableReader:
    """Reads text from a mapping as typed values.

    A bad value is added to `problems`, as "NAME: what it must be", and the default is
    returned, so that one pass finds every mistake.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self.problems: list[str] = []

    def complain(self, name: str, mend: str) -> None:
        """Remember that the variable is wrong; `mend` says what it must be."""
        self.problems.append(f"{name}: {mend}")

    def text(self, name: str, default: str = "") -> str:
        """Return the text without surrounding blanks; the default when it is empty."""
        return self._variables.get(name, "").strip() or default

    def integer(self, name: str, default: int, *, minimum: int, maximum: int) -> int:
        """Return a whole number in that range."""
        text = self.text(name, str(default))
        is_number = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
        if is_number and minimum <= int(text) <= maximum:
            return int(text)
        self.complain(name, f"must be a whole number from {minimum} to {maximum}")
        return default

    def seconds(self, name: str, default: int) -> timedelta:
        """Return a duration of whole seconds, from one second to one year."""
        return timedelta(seconds=self.integer(name, default, minimum=1, maximum=_ONE_YEAR))

    def folder(self, name: str) -> Path | None:
        """Return the absolute path of a folder that exists; None when it is empty."""
        text = self.text(name)
        if text and not Path(text).is_dir():
            self.complain(name, "must be a folder that exists")
        return Path(text).absolute() if text else None

    def boolean(self, name: str, *, default: bool) -> bool:
        """Return a truth value, in any of the usual words."""
        text = self.text(name).lower()
        if not text:
            return default
        if text not in (*_TRUE, *_FALSE):
            self.complain(name, "must be true or false")
        return text in _TRUE

    def choice(self, name: str, default: str, choices: Sequence[str]) -> str:
        """Return one of `choices`, compared without regard to case."""
        text = self.text(name, default)
        for choice in choices:
            if choice.lower() == text.lower():
                return choice
        self.complain(name, f"must be one of {', '.join(choices)}")
        return default
