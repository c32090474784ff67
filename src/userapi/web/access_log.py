"""gunicorn's logs, in which every line is one line, whatever a client sends."""

import logging
from typing import Any
from urllib.parse import quote

from gunicorn.glogging import Logger

from userapi.web.edge import client_request_id
from userapi.web.log_lines import EscapingFormatter
from userapi.web.problems import SAFE_IN_PATH


class EscapingLogger(Logger):  # type: ignore[misc] # the library is untyped
    """gunicorn's log; `--logger-class=userapi.web.access_log.EscapingLogger` selects it.

    A formatter that `--log-config` names is left as it is.
    """

    def setup(self, cfg: Any) -> None:
        """Set the handlers up as gunicorn does, but for their formatters."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                if type(handler.formatter) is logging.Formatter:
                    handler.setFormatter(EscapingFormatter(handler.formatter))

    def atoms(self, *args: Any) -> dict[str, Any]:
        """Return what a line of the access log is made of.

        The path is percent-encoded; `client_request_id` is what the client calls the request, if
        that is not its name.
        """
        atoms: dict[str, Any] = super().atoms(*args)
        theirs = client_request_id(atoms.get("{http_x_request_id}e"), atoms.get("{x-request-id}o"))
        return {
            **atoms,
            "U": quote(str(atoms["U"]), safe=SAFE_IN_PATH, encoding="latin-1"),
            "client_request_id": theirs or "-",
        }
