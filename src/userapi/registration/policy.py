"""How long an address is kept for an account that never proved it, and other terms."""

from datetime import datetime, timedelta

KEPT_UNPROVEN_FOR = timedelta(days=7)
"""How long an address is an account's without proof."""

PROOF_LIFETIME = timedelta(hours=24)
"""How long a link proves an address."""

UNDO_LIFETIME = timedelta(days=7)
"""How long a change of address can be undone."""

MAX_WAITING = 10
"""How many registrations of one address wait; the oldest gives way.

By default a mailbox gets the links of five in an hour, and what is not mailed does not wait:
whoever registers somebody else's address leaves its owner two hours to confirm.
"""

MAX_CHANGES = 3
"""How often an account's address is changed while each change can be undone."""


def can_be_freed(verified_at: datetime | None, set_at: datetime | None, now: datetime) -> bool:
    """Say whether an address is given to whoever proves it.

    It is not where it was proven, nor where it is not known since when it has been the account's:
    that was before proof was asked for.
    """
    if verified_at is not None or set_at is None:
        return False
    return now >= set_at + KEPT_UNPROVEN_FOR
