"""The groups of settings of HTTP: what clients, browsers and proxies may do, and what is shown."""

from collections.abc import Iterator
from datetime import timedelta

from userapi.config.declarations import (
    ONE_DAY,
    boolean,
    header_names,
    integer,
    origins,
    prefix,
    seconds,
    settings_group,
)
from userapi.config.settings import Problem, Settings


@settings_group("HTTP")
class HTTPSettings:
    """What is taken from clients, browsers and proxies."""

    max_content_length: int = integer(
        "MAX_CONTENT_LENGTH",
        default=2**20,
        minimum=2**10,
        maximum=2**30,
        help="The largest body of a request, in bytes: a larger one gets 413.",
    )
    head_timeout: timedelta = seconds(
        "HEAD_TIMEOUT_SECONDS",
        default=10,
        minimum=1,
        maximum=300,
        help="How long the request line and the headers may take to arrive, in seconds; slower "
        "ones get 408.",
    )
    body_timeout: timedelta = seconds(
        "BODY_TIMEOUT_SECONDS",
        default=20,
        minimum=1,
        maximum=300,
        help="How long the whole body of a request may take to arrive, in seconds; a slower one "
        "gets 408.",
    )
    response_timeout: timedelta = seconds(
        "RESPONSE_TIMEOUT_SECONDS",
        default=20,
        minimum=1,
        maximum=300,
        help="How long a client may take to read an answer, in seconds; then the connection ends.",
    )
    cors_origins: tuple[str, ...] = origins(
        "CORS_ORIGINS",
        default="*",
        production="",
        help="The web origins that browsers may call from; production refuses `*`.",
    )
    cors_allow_headers: tuple[str, ...] = header_names(
        "CORS_ALLOW_HEADERS",
        help="Headers that pages of these origins may send besides those that the API reads and "
        "the usual ones for tracing.",
    )
    strict_transport_lifetime: timedelta = seconds(
        "HSTS_MAX_AGE",
        default=365 * ONE_DAY,
        minimum=0,
        maximum=2 * 365 * ONE_DAY,
        help="For how many seconds browsers insist on HTTPS, told in production alone; 0 takes "
        "back what they were told.",
    )
    strict_transport_subdomains: bool = boolean(
        "HSTS_INCLUDE_SUBDOMAINS",
        default=True,
        help="Whether browsers insist on HTTPS for all hosts below that of the service too; false "
        "where one of them still speaks HTTP.",
    )
    trusted_proxies: int = integer(
        "TRUSTED_PROXIES",
        default=0,
        minimum=0,
        maximum=10,
        help="How many proxies stand in front of the service, each adding to `X-Forwarded-For`.",
        in_compose=False,
    )
    root_path: str = prefix(
        "ROOT_PATH",
        help="The path under which a proxy shows the service, such as `/auth`; where it is not "
        "set, what trusted proxies say in `X-Forwarded-Prefix`.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what production refuses."""
        if settings.is_production and "*" in self.cors_origins:
            yield Problem("CORS_ORIGINS", "must name each origin in production, not *")


@settings_group("Documentation")
class DocumentationSettings:
    """What the service shows of itself."""

    docs_enabled: bool = boolean(
        "DOCS_ENABLED",
        default=True,
        help="Whether the pages under `/docs` are served; without them `/` is a small index.",
    )
    openapi_enabled: bool = boolean(
        "OPENAPI_ENABLED",
        default=True,
        help="Whether the OpenAPI document is served; without it there are no pages either.",
    )
