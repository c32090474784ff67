"""How long links about addresses work, and how many wait."""

from datetime import timedelta

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
