"""Why a request with an idempotency key is not performed.

DomainError
├── IdempotencyKeyReused   the key was used for another body
└── IdempotencyKeyInUse    the first request with the key is still running
"""

from userapi.kit.errors import DomainError, Kind


class IdempotencyKeyReused(DomainError):
    """The key was used for another body."""

    kind = Kind.UNPROCESSABLE
    code = "idempotency-key-reused"
    title = "The idempotency key was used for something else"
    detail = "This key came with another body before; choose a new key for a new request."


class IdempotencyKeyInUse(DomainError):
    """The first request with the key is still running."""

    kind = Kind.CONFLICT
    code = "idempotency-key-in-use"
    title = "The first request with this idempotency key is still running"
    detail = "Its answer is not known yet; send the request again in a few seconds."
