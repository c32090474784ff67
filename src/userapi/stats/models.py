"""The tables `stats_snapshots` and `daily_stats`."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from userapi.db.base import Base, UTCDateTime

SNAPSHOT_ID = 1


class StatsSnapshot(Base):
    """What there was when it was last counted: the only row, made by whoever counts first.

    Until `claimed_until` somebody is counting.
    """

    __tablename__ = "stats_snapshots"
    __table_args__ = (CheckConstraint(f"id = {SNAPSHOT_ID}", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    taken_at: Mapped[datetime | None] = mapped_column(UTCDateTime())
    active: Mapped[int] = mapped_column(BigInteger(), default=0)
    deactivated: Mapped[int] = mapped_column(BigInteger(), default=0)
    verified: Mapped[int] = mapped_column(BigInteger(), default=0)
    closed: Mapped[int] = mapped_column(BigInteger(), default=0)
    erased: Mapped[int] = mapped_column(BigInteger(), default=0)
    # From each role to how many have it.
    roles: Mapped[dict[str, int]] = mapped_column(JSON(), default=dict)
    sessions_alive: Mapped[int] = mapped_column(BigInteger(), default=0)


class DailyStats(Base):
    """What happened on a day, in UTC, as it was counted last; what is over stays as it is."""

    __tablename__ = "daily_stats"

    day: Mapped[date] = mapped_column(primary_key=True)
    sign_ups: Mapped[int] = mapped_column(BigInteger())
    sign_ins: Mapped[int] = mapped_column(BigInteger())
    counted_at: Mapped[datetime] = mapped_column(UTCDateTime())
