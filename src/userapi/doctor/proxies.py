"""The proxies in front of the service: whether what they tell and what is set fit together."""

import http.client
import json
import secrets
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import click

from userapi.config.groups import ServerSettings
from userapi.config.http import HTTPSettings
from userapi.config.settings import Settings
from userapi.kit.diagnoses import Finding, failed, ok, warning
from userapi.kit.networks import is_loopback
from userapi.mail.settings import LinkSettings

_SECONDS = 2
_MOST_BYTES = 64 * 1024
_NOWHERE = "/userapi-doctor"
"""A path that the service does not have: its problem document tells how it sees the request."""

_TOO_FEW = "all clients seem to come from the proxy, and share its rate limits"
_COUNT = "set TRUSTED_PROXIES to the number of proxies that a request passes"


def proxy_findings(settings: Settings, url: str | None) -> Iterator[Finding]:
    """Yield what the settings tell, and what is seen at `url`, through the proxies."""
    findings = list(_setting_findings(settings))
    trusted = settings.of(HTTPSettings).trusted_proxies
    yield from findings or [ok(f"TRUSTED_PROXIES is {trusted}, which fits HOST and PUBLIC_URL")]
    if url is not None:
        yield from _seen_findings(url, settings)


def _setting_findings(settings: Settings) -> Iterator[Finding]:
    http_settings, host = settings.of(HTTPSettings), settings.of(ServerSettings).host
    public = urlsplit(settings.of(LinkSettings).public_url)
    if http_settings.trusted_proxies == 0:
        if public.scheme == "https":
            told = (
                f"PUBLIC_URL is https, so a proxy speaks TLS, and TRUSTED_PROXIES is 0: {_TOO_FEW}"
            )
            yield warning(told, _COUNT)
        elif settings.is_production and is_loopback(host):
            told = f"only this machine reaches HOST, and TRUSTED_PROXIES is 0: {_TOO_FEW}"
            yield warning(told, f"{_COUNT}, or HOST to 0.0.0.0 where there is none")
        if public.path and not http_settings.root_path:
            told = "PUBLIC_URL has a path, and nobody tells the service of it"
            yield warning(told, f"set ROOT_PATH={public.path}")


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


def _seen_findings(url: str, settings: Settings) -> Iterator[Finding]:
    alive = _ask(url, "/health/live", {})
    if alive.status != HTTPStatus.OK:
        told = f"{url}/health/live answers {alive.status}, not 200"
        yield failed(told, "let the proxy hand every path to HOST and PORT of the service")
        return
    yield ok(f"the service answers at {url}")
    if urlsplit(url).scheme != "https":
        yield warning(f"{url} is not encrypted", "let the proxy speak TLS, and name https://")
    public_url = settings.of(LinkSettings).public_url
    if public_url and public_url != url:
        yield warning(
            f"links in mails lead to {public_url}, not there",
            f"set PUBLIC_URL={url} if it is right",
        )
    yield from _header_findings(url)


def _header_findings(url: str) -> Iterator[Finding]:
    name = f"doctor-{secrets.token_hex(8)}"
    answer = _ask(url, _NOWHERE, {"X-Request-Id": name})
    prefix = urlsplit(url).path
    seen = _instance_in(answer)
    if seen != f"{prefix}{_NOWHERE}":
        told = f"the service takes {prefix}{_NOWHERE} for {seen or 'something else'}"
        yield failed(told, "set ROOT_PATH, or let the proxy send X-Forwarded-Prefix as it should")
    else:
        yield ok(f"the service knows that its prefix is {prefix or '/'}")
    if answer.headers.get("x-request-id") == name:
        told = "the proxy hands on X-Request-Id of clients, who name their requests in the log"
        yield warning(told, "let the proxy set X-Request-Id itself, or remove it")


def _instance_in(answer: _Answer) -> str:
    try:
        return str(json.loads(answer.body)["instance"])
    except (ValueError, KeyError, TypeError):
        return ""


def _ask(url: str, path: str, headers: Mapping[str, str]) -> _Answer:
    """Return the answer; raise `click.ClickException` where there is none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(
            host, parts.port, timeout=_SECONDS, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=_SECONDS)
    )
    try:
        connection.request("GET", f"{parts.path}{path}", headers=dict(headers))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return _Answer(response.status, names, response.read(_MOST_BYTES))
    except ssl.SSLCertVerificationError as error:
        message = f"the certificate of {url} is not valid: {error.verify_message}; renew it"
        raise click.ClickException(message) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"{url} does not answer ({reason}); look whether the proxy runs, and at the name"
        raise click.ClickException(message) from error
    finally:
        connection.close()
