"""The settings of idempotency keys."""

from datetime import timedelta

from userapi.config.declarations import ONE_DAY, seconds, settings_group


@settings_group("Idempotency keys")
class IdempotencySettings:
    """How long answers can be asked for again."""

    retention: timedelta = seconds(
        "IDEMPOTENCY_KEY_EXPIRES",
        default=ONE_DAY,
        minimum=3600,
        maximum=30 * ONE_DAY,
        help="How long the answer to a request with an idempotency key is stored, in seconds; the "
        "default is 24 hours.",
    )
