"""Where spans are sent."""

from collections.abc import Iterator
from importlib.util import find_spec

from userapi.config.declarations import base_url, settings_group, short_name
from userapi.config.settings import Problem, Settings

_PACKAGES = (
    "opentelemetry.exporter.otlp.proto.http",
    "opentelemetry.instrumentation.flask",
    "opentelemetry.instrumentation.psycopg",
    "opentelemetry.sdk",
)


@settings_group("Tracing")
class TracingSettings:
    """Where OpenTelemetry's spans go; without an endpoint none is made."""

    endpoint: str = base_url(
        "OTEL_EXPORTER_OTLP_ENDPOINT",
        help="Where spans are sent by OTLP over HTTP, `/v1/traces` being added, such as "
        "`http://localhost:4318`; nowhere if none is named. It needs `userapi[otel]` "
        "(docs/tracing.md).",
        in_compose=False,
    )
    service_name: str = short_name(
        "OTEL_SERVICE_NAME",
        default="userapi",
        help="What this service is called in traces.",
        in_compose=False,
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what OpenTelemetry lacks."""
        if self.endpoint and not _has_packages():
            yield Problem(
                "OTEL_EXPORTER_OTLP_ENDPOINT",
                "needs OpenTelemetry, which is not installed; run: pip install 'userapi[otel]'",
            )


def _has_packages() -> bool:
    try:
        return all(find_spec(name) for name in _PACKAGES)
    except ModuleNotFoundError:  # what holds the package is missing
        return False
