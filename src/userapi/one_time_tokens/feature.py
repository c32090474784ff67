"""What one-time tokens bring."""

from collections.abc import Iterator

from userapi.container import Feature, Implements, Purge, Shared
from userapi.kit.credentials import Credentials
from userapi.kit.personal_data import PersonalData
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.repository import OneTimeTokenRepository
from userapi.one_time_tokens.service import OneTimeTokenRetention, OneTimeTokens
from userapi.users.removal import LinkRevoker
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what issues tokens and takes them back."""
    tokens = OneTimeTokenRepository(db=shared.db, clock=shared.database_clock)
    links = OneTimeTokens(tokens=tokens)
    yield links
    yield Implements(LinkRevoker, links)
    yield OneTimeTokenRetention(transaction=shared.transaction, tokens=tokens)


FEATURE = Feature(
    name="one_time_tokens",
    build=build,
    models=(OneTimeToken,),
    personal_data=(
        PersonalData(
            name="one-time-tokens",
            tables=("one_time_tokens",),
            export=None,
            # All at once: a user has few.
            erase=lambda user_id, _: provided(OneTimeTokens).revoke(user_id),
        ),
    ),
    credentials=(
        Credentials(
            "one-time tokens",
            end=lambda report: provided(OneTimeTokenRetention).revoke_all(report),
        ),
    ),
    purges=(
        Purge(
            "expired one-time tokens",
            delete=lambda report: provided(OneTimeTokenRetention).delete_expired(report),
            count=lambda: provided(OneTimeTokenRetention).count_expired(),
        ),
    ),
)
