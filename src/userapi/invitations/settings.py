"""The settings of invitations."""

from datetime import timedelta

from userapi.config.declarations import days, settings_group


@settings_group("Invitations")
class InvitationSettings:
    """How long invitations are remembered."""

    retention: timedelta = days(
        "INVITATION_RETENTION_DAYS",
        default=30,
        minimum=1,
        maximum=3650,
        help="How long an invitation is stored after it was accepted, was revoked or has expired, "
        "in days; then it is deleted.",
    )
