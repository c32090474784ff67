"""Log lines that name their request."""

import logging
from logging.config import dictConfig

from userapi.web.edge import request_id


class RequestIdFilter(logging.Filter):
    """Adds `request_id` to every record; "-" outside a request."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Add the name and let the record pass."""
        record.request_id = request_id() or "-"
        return True


def init_logging(level: str) -> None:
    """Send everything from `level` up to standard error, one line each."""
    dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {
                "line": {
                    "format": "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
                }
            },
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
