"""The settings of the audit trail."""

from datetime import timedelta

from userapi.config.declarations import days, settings_group


@settings_group("Audit trail")
class AuditSettings:
    """What the trail forgets, and when."""

    retention: timedelta = days(
        "AUDIT_RETENTION_DAYS",
        default=0,
        minimum=0,
        maximum=36500,
        help="How old an event is, in days, when `userapi purge` deletes it, run by the owner of "
        "the tables; with 0 events stay for ever.",
    )

    origin_retention: timedelta = days(
        "AUDIT_ORIGIN_RETENTION_DAYS",
        default=90,
        minimum=1,
        maximum=3650,
        help="How old the network address and the user agent of an event are, in days, when "
        "`userapi purge` deletes them.",
    )
