"""Secrets of the tests, watched for wherever none may be: over the whole suite.

A password, a token or a mailed link that any test uses must not stand in a log line, an audit
event or a problem document, whatever the test itself looks at.
"""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from support.accounts import PASSWORD, REGISTRATION
from userapi.audit.models import AuditClientInfo, AuditEvent

_PASSWORDS = "|".join(re.escape(text) for text in (PASSWORD, REGISTRATION["password"]))
_TOKENS = r"\bua[a-z]_[A-Za-z0-9_-]{43}|\beyJ[A-Za-z0-9_-]+\.eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{20,}"
SECRET = re.compile(f"{_PASSWORDS}|{_TOKENS}")
"""What is a secret in tests: their passwords, opaque tokens, and signed ones."""


class Watch(logging.Handler):
    """Finds secrets in what is logged, and in what the audit trail is given."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Look at a log line, with its traceback."""
        self.look_at("the log", self.format(record))

    def audit(self, _mapper: object, _connection: object, row: Any) -> None:
        """Look at a row of the audit trail."""
        told = [getattr(row, name, None) for name in ("details", "object_id", "user_agent")]
        self.look_at("the audit trail", str(told))

    def look_at(self, place: str, text: str) -> None:
        """Remember the place where a secret stands, with what is around it."""
        secret = SECRET.search(text)
        if secret is not None:
            around = text[max(0, secret.start() - 80) : secret.end() + 20]
            self.found.append(f"{place}: …{around}")


@contextmanager
def watching() -> Iterator[Watch]:
    """Watch what this process logs and audits."""
    watch = Watch()
    logging.getLogger().addHandler(watch)
    for model in (AuditEvent, AuditClientInfo):
        event.listen(model, "before_insert", watch.audit)
    try:
        yield watch
    finally:
        logging.getLogger().removeHandler(watch)
        for model in (AuditEvent, AuditClientInfo):
            event.remove(model, "before_insert", watch.audit)
