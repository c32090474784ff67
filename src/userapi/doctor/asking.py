"""Asking the service as its clients do."""

import http.client
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import click

SECONDS = 2
"""How long an answer may take."""

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True)
class Answer:
    """What was answered; the names of the headers are in small letters."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def ask(url: str, path: str, headers: Mapping[str, str]) -> Answer:
    """Return the answer; raise `click.ClickException` where there is none."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    connection = (
        http.client.HTTPSConnection(
            host, parts.port, timeout=SECONDS, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(host, parts.port, timeout=SECONDS)
    )
    try:
        connection.request("GET", f"{parts.path}{path}", headers=dict(headers))
        response = connection.getresponse()
        names = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, names, response.read(_MOST_BYTES))
    except ssl.SSLCertVerificationError as error:
        message = f"the certificate of {url} is not valid: {error.verify_message}; renew it"
        raise click.ClickException(message) from error
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        message = f"{url} does not answer ({reason}); look whether the proxy runs, and at the name"
        raise click.ClickException(message) from error
    finally:
        connection.close()
