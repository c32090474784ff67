"""tools/write-settings: bring what is written of the settings up to date, or check it."""

import sys
from pathlib import Path

from settings_documents.texts import compose_environment, env_example, tables, with_part
from userapi.features import settings_groups

_ROOT = Path(__file__).parents[2]


def documents() -> dict[Path, str]:
    """Return each file with what it has to be."""
    page, compose = _ROOT / "docs" / "configuration.md", _ROOT / "deploy" / "compose.yaml"
    return {
        _ROOT / ".env.example": env_example(settings_groups()),
        page: with_part(page.read_text(encoding="utf-8"), tables(settings_groups()) + "\n"),
        compose: with_part(
            compose.read_text(encoding="utf-8"), compose_environment(settings_groups())
        ),
    }


def stale_documents() -> list[str]:
    """Return the names of the files that are not what they have to be."""
    return [
        path.name for path, text in documents().items() if path.read_text(encoding="utf-8") != text
    ]


def main(arguments: list[str]) -> int:
    """Write the files; with `--check` only tell which are stale."""
    if arguments == ["--check"]:
        stale = stale_documents()
        for name in stale:
            sys.stdout.write(f"{name} is stale: run make settings\n")
        return 1 if stale else 0
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8")
    return 0
