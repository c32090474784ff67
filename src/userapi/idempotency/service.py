"""What happens to requests with an idempotency key."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial

from userapi.idempotency.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from userapi.idempotency.records import Answer, KeyedRequest
from userapi.idempotency.repository import Claim, IdempotencyKeyRepository, KnownRequest
from userapi.kit.batches import purge_in_batches
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction

ANSWER_RETENTION = timedelta(hours=24)
"""How long an answer is stored."""

HELD_FOR = timedelta(seconds=30)
"""How long a request may run; from then on another one with its key may take its place."""

_SMALL_BATCH = 100


class IdempotencyService:
    """Performs requests once; implements `kit.idempotency.IdempotentRunner`."""

    def __init__(
        self,
        *,
        transaction: Transaction,
        keys: IdempotencyKeyRepository,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._keys = keys
        self._clock = clock

    def run(self, request: KeyedRequest, perform: Callable[[], Answer]) -> Answer:
        """Return what `perform` answers, or what it answered to the same request before.

        Raises `IdempotencyKeyReused` or `IdempotencyKeyInUse`, and whatever `perform` raises;
        then nothing is stored.
        """
        owner = uuid.uuid4()
        known = self._claim(request, owner)
        if known is not None:
            return _answer_again(known, request)
        try:
            return self._perform_and_store(request, owner, perform)
        except Exception:
            self._release(request, owner)
            raise

    def delete_expired(self) -> int:
        """Delete all requests that have expired; return how many."""
        return purge_in_batches(
            self._transaction, partial(self._keys.delete_expired, self._clock())
        )

    def _claim(self, request: KeyedRequest, owner: uuid.UUID) -> KnownRequest | None:
        """Take the request, visibly for everybody; return what is known when it is not free."""
        now = self._clock()
        claim = Claim(owner, held_until=now + HELD_FOR, expires_at=now + ANSWER_RETENTION)
        with self._transaction as tx:
            known = None
            if not self._keys.claim(request, claim, now):
                known = self._keys.find(request)
            # After the claim: two callers could otherwise wait for what the other one deletes.
            self._keys.delete_expired(now, _SMALL_BATCH)
            tx.commit()
        return known

    def _perform_and_store(
        self, request: KeyedRequest, owner: uuid.UUID, perform: Callable[[], Answer]
    ) -> Answer:
        with self._transaction.hold() as tx:
            answer = perform()
            tx.join()
            if not self._keys.store(request, owner, answer):
                # It took so long that another one took over: that one's effect counts.
                raise IdempotencyKeyInUse
            tx.commit()
        return answer

    def _release(self, request: KeyedRequest, owner: uuid.UUID) -> None:
        with self._transaction as tx:
            self._keys.release(request, owner)
            tx.commit()


def _answer_again(known: KnownRequest, request: KeyedRequest) -> Answer:
    if known.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused
    if known.answer is None:
        raise IdempotencyKeyInUse
    return Answer(known.answer.status, known.answer.headers, known.answer.body, is_replayed=True)
