"""Whether breached passwords are looked up, as `userapi doctor` sees it."""

from collections.abc import Iterator
from http.client import HTTPException

from userapi.config.settings import Settings
from userapi.kit.diagnoses import Diagnosis, Finding, not_checked, ok, warning
from userapi.passwords.breaches import BreachRanges
from userapi.passwords.settings import PasswordPolicySettings
from userapi.web.services import provided


def breach_findings() -> Iterator[Finding]:
    """Yield whether the service answers that knows breached passwords."""
    url = provided(Settings).of(PasswordPolicySettings).breach_check_url
    if not url:
        yield not_checked("PASSWORD_BREACH_CHECK_URL names nobody to ask")
        return
    try:
        BreachRanges(url=url).ensure_answers()
    except (OSError, HTTPException, ValueError) as error:
        told = f"{url} does not answer as it should ({type(error).__name__})"
        yield warning(
            told, "check PASSWORD_BREACH_CHECK_URL; until then passwords are taken unchecked"
        )
        return
    yield ok(f"{url} is asked")


DIAGNOSIS = Diagnosis(name="breaches", look=breach_findings, needs=("PASSWORD_BREACH_CHECK_URL",))
