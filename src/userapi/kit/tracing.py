"""Of which trace the work at hand is part, as W3C Trace Context has it.

What comes in is taken by its grammar or not at all, since it goes into the log and into calls to
others.
"""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import NamedTuple

from userapi.kit.jobs import Payload

TRACEPARENT = "traceparent"
TRACESTATE = "tracestate"

_STATE_LENGTH = 512
_STATE_MEMBERS = 32
_UNKNOWN_TO_ALL = "ff"
_KNOWN_FLAGS = 0b11  # sampled, and random

_VERSION_0 = "00"
_PARENT = re.compile(
    r"(?P<version>[0-9a-f]{2})-(?P<trace>[0-9a-f]{32})-(?P<span>[0-9a-f]{16})-(?P<flags>[0-9a-f]{2})"
    r"(?P<rest>-[\x20-\x7e]*)?"
)
_MEMBER = re.compile(
    r"[a-z0-9][a-z0-9_*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]"
)


class Trace(NamedTuple):
    """A place in a trace: whatever is called from it goes on there.

    The ids are hexadecimal digits. `is_recorded` where the span is one that is recorded here.
    """

    trace_id: str
    span_id: str
    flags: str = "00"
    state: str = ""
    is_recorded: bool = False

    def headers(self) -> dict[str, str]:
        """Return what a call carries to go on in this trace."""
        parent = f"{_VERSION_0}-{self.trace_id}-{self.span_id}-{self.flags}"
        return {TRACEPARENT: parent} | ({TRACESTATE: self.state} if self.state else {})


CURRENT_TRACE: ContextVar[Trace | None] = ContextVar("userapi_trace", default=None)
"""The trace of the request or the job at hand."""


def trace_headers() -> dict[str, str]:
    """Return what a call carries to go on in the current trace, or in a new one without one."""
    trace = CURRENT_TRACE.get() or Trace(secrets.token_hex(16), secrets.token_hex(8))
    return trace.headers()


def with_trace(payload: Payload) -> Payload:
    """Return what a job is to know, and the current trace, if there is one, for it to go on in."""
    trace = CURRENT_TRACE.get()
    return payload if trace is None else {**trace.headers(), **payload}


@contextmanager
def in_trace_of(payload: Payload) -> Iterator[Payload]:
    """Work in the trace that `with_trace` has left in a payload; yield what else is in it."""
    parent, state = (str(payload.get(name, "")) for name in (TRACEPARENT, TRACESTATE))
    before = CURRENT_TRACE.set(continued(parent, state))
    try:
        yield {name: it for name, it in payload.items() if name not in (TRACEPARENT, TRACESTATE)}
    finally:
        CURRENT_TRACE.reset(before)


def continued(traceparent: str, tracestate: str = "") -> Trace | None:
    """Return the trace that these headers tell; None where they are not valid.

    Versions to come are read as far as they are like ours. A state that is not valid is left out.
    """
    found = _PARENT.fullmatch(traceparent.strip(" \t"))
    if found is None or found["version"] == _UNKNOWN_TO_ALL:
        return None
    if found["rest"] and found["version"] == _VERSION_0:
        return None
    if not found["trace"].strip("0") or not found["span"].strip("0"):
        return None
    flags = int(found["flags"], 16) & _KNOWN_FLAGS
    return Trace(found["trace"], found["span"], f"{flags:02x}", _valid_state(tracestate))


def _valid_state(text: str) -> str:
    """Return the members of a state; none where one of them is not valid, or they are too many."""
    members = [member for part in text.split(",") if (member := part.strip(" \t"))]
    keys = {member.partition("=")[0] for member in members}
    is_valid = (
        len(members) == len(keys) <= _STATE_MEMBERS
        and sum(map(len, members)) + len(members) <= _STATE_LENGTH + 1
        and all(_MEMBER.fullmatch(member) for member in members)
    )
    return ",".join(members) if is_valid else ""
