import logging
import stat
from pathlib import Path

import pytest

from userapi.kit.files import make_private_folder, restrict_to_owner

pytestmark = pytest.mark.usefixtures("wide_umask")


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_folder_is_its_owners(tmp_path: Path) -> None:
    make_private_folder(tmp_path / "one" / "two")

    assert rights(tmp_path / "one" / "two") == 0o700


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)

    make_private_folder(tmp_path)

    assert rights(tmp_path) == 0o755


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o666, 0o600), (0o600, 0o600), (0o440, 0o400)]
)
def test_from_a_file_that_is_there_others_rights_are_taken(
    tmp_path: Path, before: int, after: int
) -> None:
    path = tmp_path / "there"
    path.write_text("content", encoding="utf-8")
    path.chmod(before)

    restrict_to_owner(path)

    assert (rights(path), path.read_text(encoding="utf-8")) == (after, "content")


def test_what_is_not_there_is_left_alone(tmp_path: Path) -> None:
    restrict_to_owner(tmp_path / "missing")

    assert list(tmp_path.iterdir()) == []


def test_rights_that_cannot_be_taken_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    path = tmp_path / "theirs"
    path.touch(0o666)
    monkeypatch.setattr(Path, "chmod", refuse)

    with caplog.at_level(logging.WARNING):
        restrict_to_owner(path)

    assert f"others may read or write {path}: Operation not permitted" in caplog.text
