"""A line of the access log is the one that gunicorn itself would have made, whatever is in it."""

import logging
import random
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from userapi.kit.text import escaped
from userapi.web.access_log import EscapingLogger
from userapi.web.edge import client_request_id
from userapi.web.problems import SAFE_IN_PATH

pytestmark = pytest.mark.any_database

ATOMS = ["h", "l", "u", "r", "s", "m", "U", "q", "H", "b", "B", "f", "a", "T", "D", "M", "L", "p"]
MEMBERS = [
    "{host}i", "{Host}i", "{HOST}I", "{x-twice}i", "{none}i", "{x-request-id}o", "{X-Twice}o",
    "{http_x}e", "{wsgi.version}e", "{none}e", "{host}x", "{}i", "{", "none", "client_request_id",
]  # fmt: skip
TEXTS = [
    "", "plain", 'a"b', '\\"', "%(h)s %s %%", "\n1.2.3.4 GET", "\x1b[31m\x00\x9b", "\u2028\u202e",
    "\udcff", "Ã©", "x" * 300,
]  # fmt: skip
FORMATS = [
    '%(h)s "%(m)s %(U)s" %(s)s %(b)s %(M)sms %({x-request-id}o)s %(client_request_id)s',
    "no part at all",
    "",
    "100 %% %(M)08d|%(s)-8s|%(D)x|%(T)5.1f|%(a).3s|%(h)r",
]


class PlainLogger(EscapingLogger):
    """Makes all that gunicorn makes for each line, and has what it asks for taken out."""

    def setup(self, cfg: Config) -> None:
        super().setup(cfg)
        self._atoms = None

    def atoms(self, *args: Any) -> dict[str, Any]:
        """Return gunicorn's, but for the two that are ours."""
        atoms: dict[str, Any] = Logger.atoms(self, *args)
        theirs = client_request_id(atoms.get("{http_x_request_id}e"), atoms.get("{x-request-id}o"))
        path = quote(str(atoms["U"]), safe=SAFE_IN_PATH, encoding="latin-1")
        return {**atoms, "U": path, "client_request_id": theirs or "-"}


class Lines(logging.Handler):
    """Keeps what the handlers of gunicorn would write."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.kept.append(escaped(record.getMessage()))


def lines_of(logger: type[EscapingLogger], line: str, *request: Any) -> list[str]:
    """Return what a logger writes of a request."""
    config = Config()
    config.set("access_log_format", line)
    config.set("accesslog", "/dev/null")
    log, handler = logger(config), Lines()
    for other in [*log.access_log.handlers]:
        log.access_log.removeHandler(other)
        other.close()
    log.access_log.addHandler(handler)
    try:
        log.access(*request)
    finally:
        log.access_log.removeHandler(handler)
        for other in [*log.error_log.handlers]:
            log.error_log.removeHandler(other)
    return handler.kept


def request_of(chance: random.Random) -> tuple[Any, Any, dict[str, Any], timedelta]:
    """Return a request as gunicorn hands it over, made of hostile texts; much may be missing."""
    names = ["REMOTE_ADDR", "QUERY_STRING", "HTTP_REFERER", "HTTP_USER_AGENT"]
    names += ["HTTP_X", "HTTP_X_REQUEST_ID", "HTTP_AUTHORIZATION"]
    environ: dict[str, Any] = {
        name: chance.choice(TEXTS) for name in names if chance.random() < 0.8
    }
    environ |= {"REQUEST_METHOD": chance.choice(TEXTS), "RAW_URI": chance.choice(TEXTS)}
    # A path of WSGI has a character for each byte.
    environ["PATH_INFO"] = chance.choice(TEXTS).encode("utf-8", "replace").decode("latin-1")
    environ |= {"SERVER_PROTOCOL": "HTTP/1.1", "wsgi.version": (1, 0)}
    members = ["Host", "X-Twice", "x-twice", "X-Request-Id", ""]
    headers = [
        [(chance.choice(members), chance.choice(TEXTS)) for _ in range(chance.randrange(6))]
        for _ in range(2)
    ]
    status = chance.choice(["200 OK", "404 Not Found", 500, None])
    response = SimpleNamespace(status=status, sent=chance.choice([0, 17]), headers=headers[0])
    taken = timedelta(microseconds=chance.randrange(90_000_000))
    return response, SimpleNamespace(headers=headers[1]), environ, taken


@pytest.mark.parametrize("seed", range(25))
def test_a_line_is_gunicorns(seed: int) -> None:
    chance = random.Random(seed)
    named = chance.sample([*ATOMS, *MEMBERS], chance.randrange(1, 12))
    asked = [*FORMATS, " ".join(f"%({name})s" for name in named)]

    for line in asked:
        request = request_of(chance)

        (ours,) = lines_of(EscapingLogger, line, *request)

        assert [ours] == lines_of(PlainLogger, line, *request)
        assert ours.isprintable()


def test_the_time_is_gunicorns(monkeypatch: pytest.MonkeyPatch) -> None:
    request = request_of(random.Random(1))
    monkeypatch.setattr("time.strftime", lambda form, *_: form)

    assert lines_of(EscapingLogger, "%(t)s", *request) == ["[%d/%b/%Y:%H:%M:%S %z]"]
    assert lines_of(PlainLogger, "%(t)s", *request) == ["[%d/%b/%Y:%H:%M:%S %z]"]


@pytest.mark.parametrize("line", ["%(h)s", "%(U)s %(client_request_id)s", "%({x-twice}i)s"])
def test_gunicorn_is_not_asked_for_all_parts(line: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Logger, "atoms", None)
    request = request_of(random.Random(1))

    assert len(lines_of(EscapingLogger, line, *request)) == 1
