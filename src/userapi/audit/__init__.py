"""The audit trail: what happened to accounts, sessions and content, and who did it."""
