"""The `jobs` table."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime, UUIDKeyMixin
from userapi.kit.jobs import KEY_LENGTH, KIND_LENGTH

ERROR_LENGTH = 200

WAITING = text("done_at IS NULL AND dead_at IS NULL")
"""What a job is until it is done or given up."""


class Job(UUIDKeyMixin, Base):
    """Something to do, at `due_at` or later. Of those that wait, kind and key name only one.

    `lease_until` is how long it is somebody's; `attempts` counts who had it.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index(
            "uq_jobs_waiting",
            "kind",
            "key",
            unique=True,
            postgresql_where=WAITING,
            sqlite_where=WAITING,
        ),
        Index("ix_jobs_due", "due_at", "id", postgresql_where=WAITING, sqlite_where=WAITING),
        Index("ix_jobs_done_at", "done_at"),
        Index("ix_jobs_dead_at", "dead_at"),
    )

    kind: Mapped[str] = mapped_column(String(KIND_LENGTH))
    key: Mapped[str] = mapped_column(String(KEY_LENGTH))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON())
    created_at: Mapped[datetime] = mapped_column(UTCDateTime())
    due_at: Mapped[datetime] = mapped_column(UTCDateTime())
    lease_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    attempts: Mapped[int] = mapped_column(server_default="0")
    done_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    dead_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    last_error: Mapped[str | None] = mapped_column(String(ERROR_LENGTH))
