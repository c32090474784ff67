"""Imports every `models.py`, so that the metadata is whole and all mappers resolve."""

from sqlalchemy.orm import configure_mappers

import userapi.audit.models
import userapi.db.rate_limits
import userapi.idempotency.models
import userapi.posts.models
import userapi.sessions.models
import userapi.throttling.models
import userapi.tokens.models
import userapi.users.models  # noqa: F401 - imported for the tables they define
from userapi.db.base import Base

configure_mappers()

metadata = Base.metadata
"""The tables of the whole product."""
