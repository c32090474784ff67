"""What one-time tokens bring."""

from collections.abc import Iterator

from userapi.container import Feature, Purge, Shared
from userapi.one_time_tokens.models import OneTimeToken
from userapi.one_time_tokens.repository import OneTimeTokenRepository
from userapi.one_time_tokens.service import OneTimeTokenRetention, OneTimeTokens
from userapi.web.services import provided


def build(shared: Shared) -> Iterator[object]:
    """Yield what issues tokens and takes them back."""
    tokens = OneTimeTokenRepository(db=shared.db, clock=shared.database_clock)
    yield OneTimeTokens(tokens=tokens)
    yield OneTimeTokenRetention(transaction=shared.transaction, tokens=tokens)


FEATURE = Feature(
    name="one_time_tokens",
    build=build,
    models=(OneTimeToken,),
    purges=(
        Purge("expired one-time tokens", lambda: provided(OneTimeTokenRetention).delete_expired()),
    ),
)
