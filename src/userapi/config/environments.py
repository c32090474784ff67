"""What the service can run for."""

from enum import StrEnum


class Environment(StrEnum):
    """What the service runs for; `FLASK_ENV` names it."""

    DEVELOPMENT = "development"
    TESTING = "testing"
    PRODUCTION = "production"
