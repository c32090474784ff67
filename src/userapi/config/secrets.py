"""The service's two secrets: those that are given, and those that are made up for the rest."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Self

from userapi.config.declarations import secret, settings_group
from userapi.config.environments import Environment
from userapi.config.instance import EnvironmentSettings, folder_problems
from userapi.config.parsing import MAKE_A_SECRET
from userapi.config.settings import Problem, Settings, SettingsError
from userapi.config.variables import REQUIRED
from userapi.kit.secrets import load_or_create_secrets, new_secret

_SECRETS = ("SECRET_KEY", "JWT_SECRET_KEY")


@settings_group("Secrets")
class SecretSettings:
    """The two secrets; those that are not given are made up when the settings are complete."""

    secret_key: str = secret(
        "SECRET_KEY",
        production=REQUIRED,
        hint=f"; {MAKE_A_SECRET}",
        help="The application's secret. Development makes and keeps one.",
        in_compose=False,
    )
    jwt_secret_key: str = secret(
        "JWT_SECRET_KEY",
        help="The secret that signs the tokens with HS256, which production needs then. There it "
        "must differ from `SECRET_KEY`.",
        in_compose=False,
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what production refuses."""
        is_one = bool(self.secret_key) and self.secret_key == self.jwt_secret_key
        if settings.is_production and is_one:
            yield Problem("JWT_SECRET_KEY", "must differ from SECRET_KEY")

    def completed(self, settings: Settings) -> Self:
        """Return both secrets; in development those made up are kept in the instance folder."""
        if settings.environment is not Environment.DEVELOPMENT:
            return replace(
                self,
                secret_key=self.secret_key or new_secret(),
                jwt_secret_key=self.jwt_secret_key or new_secret(),
            )
        if self.secret_key:
            return replace(self, jwt_secret_key=self.jwt_secret_key or self.secret_key)
        kept = _kept_secrets(settings)
        return replace(
            self,
            secret_key=kept["SECRET_KEY"],
            jwt_secret_key=self.jwt_secret_key or kept["JWT_SECRET_KEY"],
        )


def _kept_secrets(settings: Settings) -> dict[str, str]:
    folder = settings.of(EnvironmentSettings).instance_path
    file = folder / "development-secrets.json"
    with folder_problems(folder):
        if not settings.makes_instance and not file.exists():
            return {name: new_secret() for name in _SECRETS}
        try:
            return load_or_create_secrets(file, _SECRETS)
        except ValueError as error:
            hint = f"{error}; delete it, and a new one is made"
            raise SettingsError([Problem("SECRET_KEY", hint)]) from error
