"""Which templates there are: ours, and those of a folder that take their place."""

from collections.abc import Iterator
from pathlib import Path

import jinja2

from userapi.mail.catalogue import TEMPLATES

OURS = Path(__file__).parent / "templates"
PARTS = ("txt", "html")
_SHARED = ("layout", "link")


def environment_of(overrides: Path | None) -> jinja2.Environment:
    """Return what templates are read with: every value is escaped in HTML, and none may lack."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader([*([overrides] if overrides else []), OURS]),
        autoescape=jinja2.select_autoescape(["html"], default=False),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def complete_languages(overrides: Path | None) -> set[str]:
    """Return the languages that have every template."""
    return {
        language
        for language in _languages(overrides)
        if all(has_template(overrides, language, name) for name in TEMPLATES)
    }


def has_template(overrides: Path | None, language: str, name: str) -> bool:
    """Say whether both parts of a template are there in a language."""
    return all(
        any((folder / language / f"{name}.{part}").is_file() for folder in _folders(overrides))
        for part in PARTS
    )


def overriding_files(overrides: Path) -> Iterator[tuple[Path, bool]]:
    """Yield each file of the folder, and whether it takes the place of a template or adds one."""
    known = {f"{name}.{part}" for name in (*TEMPLATES, *_SHARED) for part in PARTS}
    for path in sorted(overrides.rglob("*")):
        is_hidden = any(part.startswith(".") for part in path.relative_to(overrides).parts)
        if path.is_file() and not is_hidden:
            is_in_language = path.parent.parent == overrides
            yield path, is_in_language and path.name in known


def _languages(overrides: Path | None) -> set[str]:
    return {it.name for folder in _folders(overrides) for it in folder.iterdir() if it.is_dir()}


def _folders(overrides: Path | None) -> list[Path]:
    return [*([overrides] if overrides else []), OURS]
