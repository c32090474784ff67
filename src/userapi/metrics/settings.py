"""Where the metrics are served, if anywhere."""

from collections.abc import Iterator

from userapi.config.declarations import host, integer, secret, settings_group
from userapi.config.groups import ServerSettings
from userapi.config.secrets import SecretSettings
from userapi.config.settings import Problem, Settings


@settings_group("Metrics")
class MetricsSettings:
    """Where `GET /metrics` is answered: on a port of its own, or behind a token; else nowhere."""

    port: int = integer(
        "METRICS_PORT",
        default=0,
        minimum=0,
        maximum=65_535,
        help="The port on which `userapi serve` answers `GET /metrics`, and nothing else; 0: none. "
        "The service's own port does not answer it then.",
    )
    host: str = host(
        "METRICS_HOST",
        "127.0.0.1",
        default="127.0.0.1",
        help="The address of that port; 0.0.0.0 for all.",
    )
    token: str = secret(
        "METRICS_TOKEN",
        help="The bearer token that whoever scrapes has to send. Without METRICS_PORT it opens "
        "`GET /metrics` on the service's own port.",
    )

    @property
    def are_on(self) -> bool:
        """Whether anything is recorded."""
        return bool(self.port or self.token)

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what is taken twice."""
        if self.port and self.port == settings.of(ServerSettings).port:
            yield Problem("METRICS_PORT", "must differ from PORT; choose another, such as 9464")
        secrets = settings.of(SecretSettings)
        if self.token and self.token in (secrets.secret_key, secrets.jwt_secret_key):
            yield Problem("METRICS_TOKEN", "must differ from SECRET_KEY and JWT_SECRET_KEY")
