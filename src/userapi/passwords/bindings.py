"""What the link of a reset depends on: the password that it replaces, and the address."""

from enum import StrEnum

from userapi.one_time_tokens.records import binding_of


class Delivery(StrEnum):
    """How a link came to whoever follows it; only one that was mailed proves an address."""

    MAILED = "mailed"
    PRINTED = "printed"


def reset_binding(password_hash: str, email: str, delivery: Delivery) -> str:
    """Return what a link is bound to: once password or address has changed, it is void."""
    return binding_of(delivery, password_hash, email)


def delivery_of(binding: str | None, password_hash: str, email: str) -> Delivery | None:
    """Return how a link was delivered that is bound to these; None for one that is void."""
    matches = (one for one in Delivery if reset_binding(password_hash, email, one) == binding)
    return next(matches, None)
