"""The settings of registration."""

from collections.abc import Iterator

from userapi.config.declarations import choice, settings_group
from userapi.config.settings import Problem, Settings
from userapi.mail.settings import MailSettings, SenderKind
from userapi.registration.records import RegistrationMode
from userapi.users.settings import AddressSettings


@settings_group("Registration")
class RegistrationSettings:
    """Who may register."""

    mode: RegistrationMode = choice(
        "REGISTRATION",
        RegistrationMode,
        default=RegistrationMode.OPEN,
        help="Who may register: `open`, anybody; `private`, anybody, and the answer does not tell "
        "whether the address is taken; `invite`, whoever was invited; `closed`, nobody. Operators "
        "and admins make accounts in any case.",
    )

    def problems(self, settings: Settings) -> Iterator[Problem]:
        """Yield what nobody could get in by, because no mail is sent."""
        if settings.of(MailSettings).sender is not SenderKind.NONE:
            return
        if self.mode.needs_mail:
            yield Problem(
                "REGISTRATION",
                f"{self.mode} needs mail: set MAIL_SENDER, or REGISTRATION to open or closed",
            )
        is_open = self.mode is not RegistrationMode.CLOSED
        if is_open and settings.of(AddressSettings).require_verified:
            yield Problem(
                "REQUIRE_VERIFIED_EMAIL",
                "needs mail, or nobody who registers could log in: set MAIL_SENDER, or "
                "REGISTRATION to closed",
            )
