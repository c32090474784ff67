"""The settings of imports."""

from datetime import timedelta

from userapi.config.declarations import days, integer, seconds, settings_group


@settings_group("Imports")
class ImportSettings:
    """How much is imported over HTTP, and how long that is remembered."""

    max_bytes: int = integer(
        "IMPORT_MAX_BYTES",
        default=64 * 2**20,
        minimum=2**10,
        maximum=2**32,
        help="How many bytes the parts of an import over HTTP have together at most; each part is "
        "a request, for which MAX_CONTENT_LENGTH holds.",
    )
    upload_max_bytes: int = integer(
        "IMPORT_UPLOAD_MAX_BYTES",
        default=256 * 2**20,
        minimum=2**10,
        maximum=2**32,
        help="How many bytes a file has at most that is uploaded as it is; a process receives two "
        "at a time, in files where TMPDIR is.",
    )
    upload_timeout: timedelta = seconds(
        "IMPORT_UPLOAD_TIMEOUT_SECONDS",
        default=300,
        minimum=1,
        maximum=3600,
        help="How long such a file may take to arrive, in seconds; a slower one gets 408.",
    )
    retention: timedelta = days(
        "IMPORT_RETENTION_DAYS",
        default=30,
        minimum=1,
        maximum=3650,
        help="How long what became of an import is stored after its end, in days.",
    )
