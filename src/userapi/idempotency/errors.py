"""Why a request with an idempotency key is not performed.

DomainError
├── IdempotencyKeyReused   the key was used for another body
├── IdempotencyKeyInUse    the first request with the key is still running
└── AnswerWithdrawn        what the first request created has been deleted
"""

from userapi.kit.errors import DomainError, Kind


class IdempotencyKeyReused(DomainError):
    """The key was used for another body."""

    kind = Kind.CONFLICT
    code = "idempotency-key-reused"
    title = "Idempotency key reused"
    detail = "This key was sent with another body before; use a new key for a new request."


class IdempotencyKeyInUse(DomainError):
    """The first request with the key is still running."""

    kind = Kind.CONFLICT
    code = "idempotency-key-in-use"
    title = "Idempotency key in use"
    detail = "The first request with this key is still running; try again in a few seconds."


class AnswerWithdrawn(DomainError):
    """What the first request with the key created has been deleted, and its answer with it."""

    kind = Kind.CONFLICT
    code = "idempotency-answer-withdrawn"
    title = "Answer withdrawn"
    detail = "What this request created has been deleted; use a new key to create it anew."
