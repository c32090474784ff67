"""The proxies in front of the service: whether what they tell and what is set fit together."""

import json
import re
import secrets
from collections.abc import Iterator
from http import HTTPStatus
from urllib.parse import urlsplit

from userapi.config.groups import ServerSettings
from userapi.config.http import HTTPSettings
from userapi.config.settings import Settings
from userapi.doctor.asking import Answer, ask
from userapi.kit.diagnoses import Finding, failed, not_checked, ok, warning
from userapi.kit.networks import is_loopback
from userapi.mail.settings import LinkSettings, MailSettings, SenderKind

_NOWHERE = "/userapi-doctor"
"""A path that the service does not have: its problem document tells how it sees the request."""

_REMAINING = re.compile(r'"client";r=(\d+)')
_ADDRESSES = [f"198.51.100.{number}" for number in range(1, 25)]
"""Addresses of nobody (RFC 5737): so many that two of them surely meet in one process."""

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


def _seen_findings(url: str, settings: Settings) -> Iterator[Finding]:
    alive = ask(url, "/health/live", {})
    if alive.status != HTTPStatus.OK:
        told = f"{url}/health/live answers {alive.status}, not 200"
        yield failed(told, "let the proxy hand every path to HOST and PORT of the service")
        return
    yield ok(f"the service answers at {url}")
    if urlsplit(url).scheme != "https":
        yield warning(f"{url} is not encrypted", "let the proxy speak TLS, and name https://")
    public_url = settings.of(LinkSettings).public_url
    is_sending = settings.of(MailSettings).sender is not SenderKind.NONE
    if is_sending and public_url != url:
        yield warning(
            f"links in mails lead to {public_url}, not there",
            f"set PUBLIC_URL={url} if it is right",
        )
    yield from _header_findings(url)
    yield from _prefix_findings(url)
    yield from _address_findings(url)


def _header_findings(url: str) -> Iterator[Finding]:
    name = f"doctor-{secrets.token_hex(8)}"
    answer = ask(url, _NOWHERE, {"X-Request-Id": name})
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


def _prefix_findings(url: str) -> Iterator[Finding]:
    """Yield whether clients can make up the prefix of what they are answered."""
    name = f"doctor-{secrets.token_hex(8)}"
    seen = _instance_in(ask(url, _NOWHERE, {"X-Forwarded-Prefix": f"/{name}"}))
    if name in seen:
        told = (
            "the proxy hands on X-Forwarded-Prefix of clients, who are led to paths of their choice"
        )
        yield warning(told, "let the proxy set X-Forwarded-Prefix itself, or remove it")
    elif seen:
        yield ok("what clients send as X-Forwarded-Prefix is not believed")


def _address_findings(url: str) -> Iterator[Finding]:
    """Yield whether clients can make up their addresses: then each has a rate limit of its own."""
    left: set[str] = set()
    for address in _ADDRESSES:
        answer = ask(url, _NOWHERE, {"X-Forwarded-For": address})
        found = _REMAINING.search(answer.headers.get("ratelimit", ""))
        if found is None:
            yield not_checked("whether clients can make up their addresses: no rate limit is told")
            return
        left.add(found[1])
        if len(left) > 1:
            yield ok("what clients send as X-Forwarded-For is not believed")
            return
    told = "clients can make up their addresses: what they send as X-Forwarded-For is believed"
    mend = "lower TRUSTED_PROXIES to the number of proxies, and let nobody pass them by"
    yield failed(told, mend)


def _instance_in(answer: Answer) -> str:
    try:
        return str(json.loads(answer.body)["instance"])
    except (ValueError, KeyError, TypeError):
        return ""
