from pathlib import Path

import pytest
from alembic.script import ScriptDirectory

from userapi.db.migrations import script_location
from userapi.db.revisions import VERSIONS, newest_in

FIRST = 'revision = "0001"\ndown_revision = None\n'
SECOND = 'revision = "0002"\ndown_revision = "0001"\n'
THIRD = 'revision = "0003"\ndown_revision = "0002"\n'


def newest_of(folder: Path, *texts: str) -> str | None:
    for number, text in enumerate(texts):
        (folder / f"{number}.py").write_text(text, encoding="utf-8")
    return newest_in(folder)


def test_our_newest_migration_is_the_one_that_alembic_finds() -> None:
    location = script_location()

    assert [newest_in(location / VERSIONS)] == ScriptDirectory(str(location)).get_heads()


def test_the_last_of_a_line_is_the_newest(tmp_path: Path) -> None:
    assert newest_of(tmp_path, THIRD, FIRST, SECOND) == "0003"


@pytest.mark.parametrize(
    "texts",
    [
        pytest.param((), id="none"),
        pytest.param((FIRST, THIRD.replace("0002", "0001"), SECOND), id="a fork"),
        pytest.param((FIRST, SECOND, SECOND), id="one twice"),
        pytest.param((FIRST, "revision: str = '0002'\n"), id="another way to write"),
        pytest.param((FIRST, SECOND.replace('"0001"', '("0001", "0000")')), id="a merge"),
        pytest.param((FIRST, SECOND.replace('"0001"', "None")), id="two beginnings"),
        pytest.param((FIRST, THIRD), id="a gap"),
    ],
)
def test_alembic_is_asked_where_there_is_no_such_line(
    tmp_path: Path, texts: tuple[str, ...]
) -> None:
    assert newest_of(tmp_path, *texts) is None
