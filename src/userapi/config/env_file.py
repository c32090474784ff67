"""The file `.env`: variables, one on each line, that the environment does not set."""

import re
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Original, parse_stream

from userapi.config.settings import Problem, SettingsError

_NAME = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)")


def variables_of(file: Path) -> dict[str, str]:
    """Return the variables of `file`; none where there is no such file.

    Raises `SettingsError` with the number of each line that cannot be read.
    """
    text = _text_of(file)
    problems = [
        _problem(file, binding.original)
        for binding in parse_stream(StringIO(text))
        if binding.error
    ]
    if problems:
        raise SettingsError(problems)
    return {name: value or "" for name, value in dotenv_values(stream=StringIO(text)).items()}


def _text_of(file: Path) -> str:
    content = b""
    try:
        content = file.read_bytes()
        return content.decode()
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        line = 1 + content.count(b"\n", 0, error.start)
        raise SettingsError([Problem(f"{file}, line {line}", "must be text in UTF-8")]) from None
    except OSError as error:
        raise SettingsError([Problem(str(file), f"cannot be read: {error.strerror}")]) from error


def _problem(file: Path, original: Original) -> Problem:
    """Name the line, and never say what it holds: it may be a secret."""
    blank_lines = len(original.string) - len(original.string.lstrip("\r\n"))
    name = _NAME.match(original.string)
    return Problem(
        f"{file}, line {original.line + blank_lines}",
        f"{name[1] if name else 'it'} must be given as NAME=value, the value in quotation marks "
        "where it has blanks or quotation marks of its own",
    )
