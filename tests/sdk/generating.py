"""Generating both clients with tools/generate-sdk."""

from pathlib import Path

from support.processes import run

ROOT = Path(__file__).parents[2]
TODAY = ROOT / "openapi" / "openapi.json"


def generate(folder: Path, generators: dict[str, str], document: Path = TODAY) -> Path:
    """Generate the clients of that document into the folder, and return it."""
    tool = f"{ROOT}/tools/generate-sdk"
    done = run(tool, str(folder), str(document), folder=ROOT, variables=generators)
    assert done.returncode == 0, done.stderr
    return folder
