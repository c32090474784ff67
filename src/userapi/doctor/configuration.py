"""The settings: what is wrong with them, and what is not safe."""

from collections.abc import Iterable, Iterator

from userapi.config.settings import Settings
from userapi.kit.diagnoses import Finding, failed, ok, warning


def configuration_findings(settings: Settings) -> Iterator[Finding]:
    """Yield each problem and each warning."""
    for problem in settings.problems:
        yield failed(*problem)
    for told in settings.warnings:
        yield warning(*_parted(told))
    if not settings.problems:
        yield ok(f"FLASK_ENV is {settings.environment}, and every variable is valid")


def exposure_findings(dangers: Iterable[str]) -> Iterator[Finding]:
    """Yield the `dangers` of a service that others can reach."""
    for danger in dangers:
        yield warning(danger, "set FLASK_ENV=production, or HOST=127.0.0.1")


def _parted(told: str) -> tuple[str, str]:
    what, _, mend = told.partition("; ")
    return what, mend
