"""How users lose their access, and how they go."""

from collections.abc import Collection
from typing import Protocol

from userapi.idempotency.service import StoredAnswers
from userapi.kit.clock import Clock
from userapi.users.models import User


class SessionRevoker(Protocol):
    """Ends login sessions, within the caller's transaction."""

    def revoke_all(self, user_id: int) -> None:
        """End every session of that user."""
        ...

    def revoke_all_of(self, user_ids: Collection[int]) -> None:
        """End every session of those users."""
        ...


class LoginTraces(Protocol):
    """What logins have left behind about users, within the caller's transaction."""

    def revoke_devices(self, user_id: int) -> None:
        """Trust no device of that user any more."""
        ...

    def revoke_devices_of(self, user_ids: Collection[int]) -> None:
        """Trust no device of those users any more."""
        ...

    def clear_address(self, email: str) -> None:
        """Delete the failures with that address."""
        ...


class LinkRevoker(Protocol):
    """Makes mailed links void, within the caller's transaction."""

    def revoke_of_closed(self, user_id: int) -> None:
        """Make all links of that user void that may not outlive the account."""
        ...


class UserRemoval:
    """Ends what users have, within the caller's transaction; the user is locked."""

    def __init__(
        self,
        *,
        sessions: SessionRevoker,
        traces: LoginTraces,
        links: LinkRevoker,
        answers: StoredAnswers,
        clock: Clock,
    ) -> None:
        self._sessions = sessions
        self._traces = traces
        self._links = links
        self._answers = answers
        self._clock = clock

    def end_access(self, user_id: int) -> None:
        """End every session of that user, and trust no device any more."""
        self._sessions.revoke_all(user_id)
        self._traces.revoke_devices(user_id)

    def end_access_of(self, user_ids: Collection[int]) -> None:
        """End every session of those users, and trust none of their devices any more."""
        self._sessions.revoke_all_of(user_ids)
        self._traces.revoke_devices_of(user_ids)

    def remove(self, user: User) -> None:
        """Mark a user as deleted: none of its sessions, devices and answers is left.

        Nor is any link, but those that undo a change of address.
        """
        self.end_access(user.id)
        self._links.revoke_of_closed(user.id)
        user.soft_delete(self._clock())
        self._traces.clear_address(user.email)
        self._answers.delete_of_caller(user.id)
        self._answers.withdraw("users", user.id)
