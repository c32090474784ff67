"""The settings of leaving."""

from datetime import timedelta

from userapi.config.declarations import days, settings_group


@settings_group("Leaving")
class LeavingSettings:
    """How long a closed account can be restored."""

    erasure_grace: timedelta = days(
        "ERASURE_GRACE_DAYS",
        default=30,
        minimum=1,
        maximum=3650,
        help="How long a closed account can be restored, in days; then `userapi purge` erases what "
        "is kept of the person.",
    )
