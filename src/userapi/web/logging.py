"""Log lines that name their request."""

import logging
from logging.config import dictConfig

from flask import has_request_context, request

from userapi.web.edge import REQUEST_ID, client_request_id, request_id
from userapi.web.log_lines import EscapingFormatter

_FORMAT = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
_FORMAT_OF_OTHERS = "%(asctime)s %(levelname)s %(name)s %(message)s"


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record; "-" outside a request.

    What the client calls the request stands beside it.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the name and let the record pass."""
        name = request_id()
        theirs = None
        if has_request_context():
            theirs = client_request_id(request.headers.get(REQUEST_ID.name), name)
        record.request_id = f"{name or '-'} client_request_id={theirs}" if theirs else name or "-"
        return True


def init_logging(level: str) -> None:
    """Send everything from `level` up to standard error, one line each."""
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {"line": {"()": EscapingFormatter, "inner": logging.Formatter(_FORMAT)}},
            "handlers": {
                "stderr": {
                    "class": "logging.StreamHandler",
                    "filters": ["request_id"],
                    "formatter": "line",
                }
            },
            "loggers": {"userapi": {"level": level, "handlers": ["stderr"]}},
        }
    )
    # What libraries log from WARNING up, as long as nobody gives them a handler.
    if logging.lastResort is not None:
        logging.lastResort.setFormatter(EscapingFormatter(logging.Formatter(_FORMAT_OF_OTHERS)))
