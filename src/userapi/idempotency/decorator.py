"""The decorator of an operation that is performed once for each idempotency key."""

from collections.abc import Callable
from functools import partial, wraps
from typing import Any, TypeVar, cast

from userapi.idempotency.errors import AnswerWithdrawn, IdempotencyKeyInUse, IdempotencyKeyReused
from userapi.idempotency.http import (
    IDEMPOTENCY_KEY,
    REPLAYED,
    IdempotentRequests,
    idempotency_key,
)
from userapi.kit.principal import Principal
from userapi.web.operation import Operation, record
from userapi.web.services import provided
from userapi.web.traits import Trait

F = TypeVar("F", bound=Callable[..., Any])

_IDEMPOTENT = Trait(name="idempotent", parameters=(IDEMPOTENCY_KEY,), headers=(REPLAYED,))


def idempotent(function: F) -> F:
    """Perform a request with an `Idempotency-Key` once, and answer it as often as it comes."""

    @wraps(function)
    def once(*args: Any, **kwargs: Any) -> Any:
        key = idempotency_key()
        if key is None:
            return function(*args, **kwargs)
        principal = next((given for given in args if isinstance(given, Principal)), None)
        perform = partial(function, *args, **kwargs)
        return provided(IdempotentRequests).answer(key, principal, perform)

    problems = (IdempotencyKeyInUse, IdempotencyKeyReused, AnswerWithdrawn)
    record(once, Operation(problems=problems, traits=(_IDEMPOTENT,)))
    return cast("F", once)
