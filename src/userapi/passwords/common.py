"""The most common passwords, which come with the package."""

import gzip
from functools import cache
from importlib.resources import files


def is_common(text: str) -> bool:
    """Say whether `text`, in lower case, is one of the most common passwords."""
    return text in _common_passwords()


@cache
def _common_passwords() -> frozenset[str]:
    """Read the list, once in each process: it takes some milliseconds and 2 MB."""
    content = files("userapi.passwords").joinpath("common_passwords.txt.gz").read_bytes()
    return frozenset(gzip.decompress(content).decode("utf-8").splitlines())
