"""What the service runs for, and the folder of its own."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from userapi.config.declarations import boolean, choice, path, settings_group
from userapi.config.environments import Environment
from userapi.config.settings import Problem, Settings, SettingsError


@settings_group("The environment")
class EnvironmentSettings:
    """What the service runs for, and where it keeps files."""

    environment: Environment = choice(
        "FLASK_ENV",
        Environment,
        default=Environment.DEVELOPMENT,
        help="What the service runs for.",
        in_compose=False,
    )
    instance_path: Path = path(
        "INSTANCE_PATH",
        default="instance",
        help="The folder for the SQLite file and for the secrets that development makes; it is "
        "made when it is needed. A relative path counts from the folder that userapi is started "
        "in.",
        in_compose=False,
    )
    debug: bool = boolean(
        "FLASK_DEBUG",
        default=False,
        help="Flask's debug mode; production refuses it.",
        in_compose=False,
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what production refuses."""
        if self.debug and settings.is_production:
            yield Problem("FLASK_DEBUG", "must be off in production")


@contextlib.contextmanager
def folder_problems(folder: Path) -> Iterator[None]:
    """Report what is wrong with the instance folder as a problem of the settings."""
    try:
        yield
    except OSError as error:
        hint = f"{folder} must be a folder that can be written to: {error.strerror}"
        raise SettingsError([Problem("INSTANCE_PATH", hint)]) from error
