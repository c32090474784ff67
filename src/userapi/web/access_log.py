"""gunicorn's logs, in which every line is one line, whatever a client sends.

gunicorn makes all that a line of the access log could have for each one, every header among it.
Here the format is read once, and a line is made of what it names.
"""

import logging
import os
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from functools import partial
from operator import attrgetter
from typing import Any, NamedTuple
from urllib.parse import quote

from gunicorn.config import Config
from gunicorn.glogging import Logger

from userapi.web.edge import client_request_id
from userapi.web.log_lines import FACTS, EscapingFormatter
from userapi.web.logging import facts_of, log_formatter
from userapi.web.problems import SAFE_IN_PATH


class Answered(NamedTuple):
    """A request that was answered, as gunicorn tells of it."""

    response: Any
    request: Any
    environ: Mapping[str, Any]
    taken: timedelta


Atom = Callable[[Answered], Any]
"""Reads a part of a line."""


class EscapingLogger(Logger):  # type: ignore[misc] # the library is untyped
    """gunicorn's log; `--logger-class=userapi.web.access_log.EscapingLogger` selects it.

    A formatter that `--log-config` names is left as it is, and gets all that gunicorn gives.
    """

    def setup(self, cfg: Config) -> None:
        """Set the handlers up as gunicorn does, but for their formatters."""
        super().setup(cfg)
        formatter = log_formatter()
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                if type(handler.formatter) is not logging.Formatter:
                    continue
                # A syslog has a time and a format of its own.
                is_ours = isinstance(handler, logging.StreamHandler)
                handler.setFormatter(formatter if is_ours else EscapingFormatter(handler.formatter))
        self._format: str = cfg.access_log_format
        has_own_handlers = cfg.logconfig or cfg.logconfig_dict or cfg.logconfig_json
        names = None if has_own_handlers else _names_in(self._format)
        self._atoms = None if names is None else [(name, self._atom(name)) for name in names]

    def access(self, resp: Any, req: Any, environ: dict[str, Any], request_time: timedelta) -> None:
        """Write a line for a request that was answered."""
        if self._atoms is None:
            super().access(resp, req, environ, request_time)
            return
        if not self.access_log_enabled:
            return
        answered = Answered(resp, req, environ, request_time)
        try:
            line = self._format % {name: _quoted(atom(answered)) for name, atom in self._atoms}
        except Exception:  # noqa: BLE001 - the request is answered all the same
            self.exception("A line of the access log could not be written")
            return
        # All handlers are gunicorn's: none asks for the place in the code, which takes a search.
        record = logging.LogRecord(self.access_log.name, logging.INFO, "", 0, line, None, None)
        setattr(record, FACTS, partial(_facts, answered))
        self.access_log.handle(record)

    def atoms(self, *args: Any) -> dict[str, Any]:
        """Return all that a line of the access log may have.

        The path is percent-encoded; `client_request_id` is what the client calls the request, if
        that is not its name; `facts` are whose request it is, and of which trace, by name.
        """
        answered = Answered(*args)
        ours = {name: _ATOMS[name](answered) for name in ("U", "client_request_id", "facts")}
        return {**super().atoms(*args), **ours}

    def _atom(self, name: str) -> Atom:
        if name in _ATOMS:
            return _ATOMS[name]
        if name.startswith("{"):
            return _member(name.lower())
        return lambda answered: self.atoms_wrapper_class(self.atoms(*answered))[name]


class _Names(dict[str, int]):
    """Stands for the parts of a line, to learn which ones a format names."""

    def __missing__(self, name: str) -> int:
        return self.setdefault(name, 0)

    def __str__(self) -> str:
        message = "the format takes the parts without a name"
        raise TypeError(message)

    __repr__ = __str__


def _names_in(line: str) -> list[str] | None:
    """Return which parts of a line a format names; None where it is none that can be compiled."""
    names = _Names()
    try:
        line % names
    except (TypeError, ValueError, OverflowError):
        return None
    return list(names)


def _quoted(value: Any) -> Any:
    return value.replace('"', '\\"') if isinstance(value, str) else value


def _member(name: str) -> Atom:
    """Return what reads `{a header}i` of the request or `o` of the answer, or `{a variable}e`."""
    key, place = name[1:-2], name[-2:]
    if place == "}i":
        return lambda answered: _last(answered.request.headers, key)
    if place == "}o":
        return lambda answered: _last(answered.response.headers, key)
    if place == "}e":
        return lambda answered: _last(answered.environ.items(), key)
    return lambda _: "-"


def _last(members: Iterable[tuple[str, Any]], key: str) -> Any:
    found = "-"
    for name, value in members:
        if name.lower() == key:
            found = value
    return found


def _status(answered: Answered) -> Any:
    status = answered.response.status
    return status.split(None, 1)[0] if isinstance(status, str) else status


def _microseconds(answered: Answered) -> int:
    return answered.taken.seconds * 1_000_000 + answered.taken.microseconds


def _request_line(answered: Answered) -> str:
    environ = answered.environ
    return f"{environ['REQUEST_METHOD']} {environ['RAW_URI']} {environ['SERVER_PROTOCOL']}"


def _path(answered: Answered) -> str:
    return quote(str(answered.environ.get("PATH_INFO")), safe=SAFE_IN_PATH, encoding="latin-1")


def _clients_name(answered: Answered) -> str:
    theirs = answered.environ.get("HTTP_X_REQUEST_ID")
    # Most clients give no name: ours need not be looked for.
    ours = _last(answered.response.headers, "x-request-id") if theirs else None
    return client_request_id(theirs, ours) or "-"


def _facts(answered: Answered) -> dict[str, Any]:
    """Return what JSON tells of a request, by name."""
    environ, response = answered.environ, answered.response
    theirs, status = _clients_name(answered), str(_status(answered))
    return {
        "request_id": _last(response.headers, "x-request-id"),
        **({} if theirs == "-" else {"client_request_id": theirs}),
        "method": environ.get("REQUEST_METHOD"),
        "path": _path(answered),
        "status": int(status) if status.isdecimal() else status,
        "bytes": response.sent,
        "duration_ms": _microseconds(answered) / 1000,
        "client": environ.get("REMOTE_ADDR", "-"),
        **facts_of(environ),
    }


def _named_facts(answered: Answered) -> str:
    facts = facts_of(answered.environ)
    return " ".join([f"{name}={fact}" for name, fact in facts.items()]) or "-"


def _variable(name: str, default: str | None = None) -> Atom:
    return lambda answered: answered.environ.get(name, default)


_ATOMS: dict[str, Atom] = {
    "h": _variable("REMOTE_ADDR", "-"),
    "l": lambda _: "-",
    "t": lambda _: time.strftime("[%d/%b/%Y:%H:%M:%S %z]"),
    "r": _request_line,
    "s": _status,
    "m": _variable("REQUEST_METHOD"),
    "U": _path,
    "q": _variable("QUERY_STRING"),
    "H": _variable("SERVER_PROTOCOL"),
    "b": lambda answered: str(answered.response.sent),
    "B": attrgetter("response.sent"),
    "f": _variable("HTTP_REFERER", "-"),
    "a": _variable("HTTP_USER_AGENT", "-"),
    "T": attrgetter("taken.seconds"),
    "D": _microseconds,
    "M": lambda answered: _microseconds(answered) // 1000,
    "L": lambda answered: f"{answered.taken.seconds}.{answered.taken.microseconds:06}",
    "p": lambda _: f"<{os.getpid()}>",
    "client_request_id": _clients_name,
    "facts": _named_facts,
}
"""What gunicorn calls the parts, but for those that are rare; the last ones are ours."""
