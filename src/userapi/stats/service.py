"""What happens when somebody asks for the figures."""

from collections.abc import Iterator
from datetime import datetime

from userapi.kit.principal import Principal
from userapi.kit.transaction import Transaction
from userapi.stats import policy
from userapi.stats.records import MAX_DAYS, CountedDay, DayCount, Snapshot, Stats, StatsQuery
from userapi.stats.repository import StatsRepository


class StatsService:
    """Keeps figures that are some minutes old, and has one of those who ask count them anew."""

    def __init__(self, *, transaction: Transaction, stats: StatsRepository) -> None:
        self._transaction = transaction
        self._stats = stats

    def get(self, principal: Principal, query: StatsQuery) -> Stats:
        """Return the figures, counted some minutes ago at most or just being counted anew.

        Only where nothing was ever counted whoever asks waits for it. Raises `NotAllowed`.
        """
        policy.READING_STATS.ensure(principal)
        now = self._stats.now()
        snapshot = self._stats.find_snapshot()
        if snapshot is None or not policy.is_fresh(snapshot.taken_at, now):
            is_ours = self.claim(now)
            # Who finds nothing that could be answered does not wait for who is counting.
            if is_ours or snapshot is None:
                snapshot = self.count(now)
        return Stats(snapshot, self._days(snapshot.taken_at, query.days))

    def refresh(self) -> None:
        """Count anew, unless the figures are fresh, or somebody else is counting."""
        now = self._stats.now()
        if self.claim(now):
            self.count(now)

    def claim(self, now: datetime) -> bool:
        """Say whether the caller is the one who counts now."""
        with self._transaction as tx:
            is_ours = self._stats.claim(now, fresh_for=policy.FRESH_FOR, claim=policy.CLAIM)
            tx.commit()
        return is_ours

    def count(self, now: datetime) -> Snapshot:
        """Count, outside of every transaction, and keep it unless somebody has later figures."""
        snapshot = self._stats.count(now)
        days = list(self._count_days(now))
        with self._transaction as tx:
            self._stats.store(snapshot, days, fresh_for=policy.FRESH_FOR)
            tx.commit()
        return snapshot

    def _count_days(self, now: datetime) -> Iterator[CountedDay]:
        """Yield the days that were not counted for good yet."""
        wanted = policy.days_until(now.date(), MAX_DAYS)
        known = {it.day: it.counted_at for it in self._stats.list_days(wanted[0], wanted[-1])}
        for day in wanted:
            if day in known and policy.is_settled(day, known[day], now):
                continue
            sign_ups, sign_ins = self._stats.count_day(policy.start_of(day), policy.end_of(day))
            yield CountedDay(day, sign_ups, sign_ins, counted_at=now)

    def _days(self, as_of: datetime, count: int) -> list[DayCount]:
        """Return so many days, those without anything too."""
        wanted = policy.days_until(as_of.date(), count)
        known = {it.day: it for it in self._stats.list_days(wanted[0], wanted[-1])}
        return [known.get(day, DayCount(day)) for day in wanted]
