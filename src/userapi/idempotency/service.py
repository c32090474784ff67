"""What happens to requests with an idempotency key."""

import uuid
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from itertools import islice
from threading import Lock
from typing import Protocol

from userapi.audit.service import AuditTrail
from userapi.idempotency.errors import AnswerWithdrawn, IdempotencyKeyInUse, IdempotencyKeyReused
from userapi.idempotency.events import IdempotencyEvent
from userapi.idempotency.records import (
    WITHDRAWN,
    Answer,
    KeyedRequest,
    resource_name,
    user_caller,
)
from userapi.idempotency.repository import Claim, IdempotencyKeyRepository, KnownRequest
from userapi.kit.batches import Report, purge_in_batches, unreported
from userapi.kit.clock import Clock
from userapi.kit.transaction import Transaction

HELD_FOR = timedelta(seconds=15)
"""How long a request may run; from then on another one with its key may take its place.

With the usual settings it is longer than all that one waits for: its turn to hash, and a few
statements. One that takes longer is rolled back only where another has taken its place.
"""

MAX_MISMATCHES = 3
"""How many requests with another body make a key void: then it gives its answer to nobody."""

_SMALL_BATCH = 100
_MOST_FAILED = 1000


class MismatchCounter(Protocol):
    """Counts failed attempts to guess what somebody sent; call it outside of every transaction."""

    def count(self, email: str | None) -> None:
        """Count one of the current client, with that address."""
        ...


class StoredAnswers:
    """The answers that are stored, for those who delete what they tell of.

    It works within the caller's transaction.
    """

    def __init__(self, *, keys: IdempotencyKeyRepository) -> None:
        self._keys = keys

    def delete_of_caller(self, user_id: int) -> int:
        """Delete what that user was answered; return how many answers there were."""
        return self._keys.delete_of_caller(user_caller(user_id))

    def withdraw(self, collection: str, item: object) -> None:
        """Delete what anybody was answered who created that item of a collection, as `posts`, 12.

        Their keys stay used: a request that is sent again does not bring back what was deleted.
        """
        self._keys.replace_answers(resource_name(collection, item), WITHDRAWN)


class FailedRequests:
    """Requests of this process that have failed, and whose keys are not free yet.

    What made them fail may keep their keys from being freed: a store that is out of reach.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._requests: dict[uuid.UUID, KeyedRequest] = {}

    def add(self, owner: uuid.UUID, request: KeyedRequest) -> None:
        """Remember one; of very many the last ones wait until nobody holds them any more."""
        with self._lock:
            if len(self._requests) < _MOST_FAILED:
                self._requests[owner] = request

    def oldest(self) -> dict[uuid.UUID, KeyedRequest]:
        """Return some of them by their owners, in the order in which they failed."""
        with self._lock:
            return dict(islice(self._requests.items(), _SMALL_BATCH))

    def remove(self, owners: Iterable[uuid.UUID]) -> None:
        """Forget those of these owners, if they are there."""
        with self._lock:
            for owner in owners:
                self._requests.pop(owner, None)


class IdempotencyService:
    """Performs requests once; their answers are stored as long as `retention` tells."""

    def __init__(  # noqa: PLR0913 - each one is a collaborator, handed in by name
        self,
        *,
        transaction: Transaction,
        keys: IdempotencyKeyRepository,
        mismatches: MismatchCounter,
        audit: AuditTrail,
        retention: timedelta,
        clock: Clock,
    ) -> None:
        self._transaction = transaction
        self._keys = keys
        self._mismatches = mismatches
        self._audit = audit
        self._retention = retention
        self._clock = clock
        self._failed = FailedRequests()

    def run(self, request: KeyedRequest, perform: Callable[[], Answer]) -> Answer:
        """Return what `perform` answers, or what it answered to the same request before.

        Raises `IdempotencyKeyReused`, `IdempotencyKeyInUse` or `AnswerWithdrawn`, and whatever
        `perform` raises; then nothing is stored.
        """
        self._release_failed()
        owner = uuid.uuid4()
        known = self._claim(request, owner)
        if known is not None:
            if _is_mismatch(known, request) and request.user_id is None:
                self._mismatches.count(request.email)
            return _answer_again(known, request)
        try:
            return self._perform_and_store(request, owner, perform)
        except Exception:
            self._failed.add(owner, request)
            self._release_failed()
            raise

    def count_expired(self) -> int:
        """Return how many requests have expired."""
        return self._keys.count_expired(self._clock())

    def delete_expired(self, report: Report = unreported) -> int:
        """Delete all requests that have expired; return how many."""
        delete = partial(self._keys.delete_expired, self._clock())
        return purge_in_batches(self._transaction, delete, report)

    def _claim(self, request: KeyedRequest, owner: uuid.UUID) -> KnownRequest | None:
        """Take the request, visibly for everybody; return what is known when it is not free."""
        now = self._clock()
        claim = Claim(owner, held_until=now + HELD_FOR, expires_at=now + self._retention)
        with self._transaction as tx:
            known = None
            if not self._keys.claim(request, claim, now):
                known = self._keys.find(request)
            if known is not None and _is_mismatch(known, request):
                self._register_mismatch(request)
            # After the claim: two callers could otherwise wait for what the other one deletes.
            self._keys.delete_expired(now, _SMALL_BATCH)
            tx.commit()
        return known

    def _register_mismatch(self, request: KeyedRequest) -> None:
        """Count and record that the key came with another body; a void key makes no more events."""
        mismatches = self._keys.count_mismatch(request)
        self._audit.record(
            request.user_id,
            IdempotencyEvent.MISMATCHED,
            subject=request.user_id,
            details={"operation": request.operation, "mismatches": mismatches},
        )

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

    def _release_failed(self) -> None:
        """Free the keys of requests that have failed; where that fails, the next one does it."""
        failed = self._failed.oldest()
        if not failed:
            return
        with self._transaction as tx:
            for owner, request in failed.items():
                self._keys.release(request, owner)
            tx.commit()
        self._failed.remove(failed)


def _is_void(known: KnownRequest) -> bool:
    return known.mismatches >= MAX_MISMATCHES


def _is_mismatch(known: KnownRequest, request: KeyedRequest) -> bool:
    """Say whether the body is another one, as far as that is asked: a void key tells nothing."""
    return not _is_void(known) and known.fingerprint != request.fingerprint


def _answer_again(known: KnownRequest, request: KeyedRequest) -> Answer:
    if _is_void(known) or _is_mismatch(known, request):
        raise IdempotencyKeyReused
    if known.answer is None:
        raise IdempotencyKeyInUse
    if known.answer == WITHDRAWN:
        raise AnswerWithdrawn
    return Answer(known.answer.status, known.answer.headers, known.answer.body, is_replayed=True)
