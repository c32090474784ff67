"""Who may invite, and whose invitations count."""

from userapi.kit.permissions import Requires
from userapi.kit.principal import Role

INVITING = Requires(Role.ADMIN)
"""Who may invite people, and see and revoke invitations."""


def outlives_inviter(role: Role) -> bool:
    """Say whether an invitation as that role counts whatever became of the inviter.

    What a former admin gave away is worth no more than an ordinary account.
    """
    return role is Role.USER


def may_still_invite(inviter: Role | None) -> bool:
    """Say whether an inviter may invite who has that role now; None is no active user."""
    return inviter is not None and inviter.includes(INVITING.role)
