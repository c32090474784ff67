"""What the administration of accounts brings."""

from collections.abc import Iterator

from userapi.administration.resources import blp
from userapi.administration.service import AddressCorrection, UserCreation
from userapi.audit.service import AuditTrail
from userapi.container import Feature, Shared
from userapi.mail.notices import Notices
from userapi.one_time_tokens.service import OneTimeTokens
from userapi.passwords.new_passwords import NewPasswords
from userapi.passwords.services.links import ResetLinks
from userapi.registration.services.accounts import Accounts
from userapi.registration.services.mails import AddressMails
from userapi.registration.services.readdressing import Readdressing
from userapi.users.repository import UserRepository


def build(shared: Shared) -> Iterator[object]:
    """Yield what makes accounts for others, and corrects their addresses."""
    yield UserCreation(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        accounts=shared.get(Accounts),
        new_passwords=shared.get(NewPasswords),
        reset_links=shared.get(ResetLinks),
    )
    yield AddressCorrection(
        transaction=shared.transaction,
        users=shared.get(UserRepository),
        readdressing=shared.get(Readdressing),
        tokens=shared.get(OneTimeTokens),
        mails=shared.get(AddressMails),
        notices=shared.get(Notices),
        audit=shared.get(AuditTrail),
        clock=shared.clock,
    )


FEATURE = Feature(name="administration", blueprint=blp, build=build)
