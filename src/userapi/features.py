"""The features, the lowest first: each may use those before it, and is built after them.

Features of one's own need no line here: a package that offers a manifest under the entry point
`userapi.features` brings them, or they are handed to `create_app(features=[...])`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points

from sqlalchemy.orm import configure_mappers

from userapi.audit.feature import FEATURE as AUDIT
from userapi.authentication.feature import FEATURE as AUTHENTICATION
from userapi.config.groups import CORE_GROUPS
from userapi.config.loading import load_groups
from userapi.config.settings import Settings
from userapi.container import Feature, WiringError
from userapi.db.base import Base
from userapi.health.feature import FEATURE as HEALTH
from userapi.idempotency.feature import FEATURE as IDEMPOTENCY
from userapi.login.feature import FEATURE as LOGIN
from userapi.posts.feature import FEATURE as POSTS
from userapi.rate_limits.feature import FEATURE as RATE_LIMITS
from userapi.registration.feature import FEATURE as REGISTRATION
from userapi.sessions.feature import FEATURE as SESSIONS
from userapi.throttling.feature import FEATURE as THROTTLING
from userapi.tokens.feature import FEATURE as TOKENS
from userapi.users.feature import FEATURE as USERS

ENTRY_POINTS = "userapi.features"
"""The group of entry points under which other packages offer their manifests."""

FEATURES = (
    RATE_LIMITS,
    AUDIT,
    IDEMPOTENCY,
    TOKENS,
    USERS,
    THROTTLING,
    SESSIONS,
    AUTHENTICATION,
    REGISTRATION,
    LOGIN,
    POSTS,
    HEALTH,
)
"""The product's own features."""

configure_mappers()

metadata = Base.metadata
"""The tables of all features that were imported."""


def all_features(extra: Iterable[Feature] = ()) -> tuple[Feature, ...]:
    """Return our features, those of installed packages, and then the `extra` ones.

    Raises `WiringError` for what is no manifest, and for a name that is used twice.
    """
    offered = [(str(entry.value), entry.load()) for entry in entry_points(group=ENTRY_POINTS)]
    named = [("features", feature) for feature in extra]
    for source, feature in (*offered, *named):
        if not isinstance(feature, Feature):
            message = f"{source}: {type(feature).__name__} is no userapi.container.Feature"
            raise WiringError(message)
    features = (*FEATURES, *(feature for _, feature in (*offered, *named)))
    # The same manifest may be installed and handed in.
    unique = tuple({id(feature): feature for feature in features}.values())
    for name, count in Counter(feature.name for feature in unique).items():
        if count > 1:
            message = f"two features have the name {name}"
            raise WiringError(message)
    return unique


def settings_groups(features: Sequence[Feature] = FEATURES) -> tuple[type, ...]:
    """Return the groups of settings: those of no feature, then those of the features."""
    return (*CORE_GROUPS, *(group for feature in features for group in feature.settings))


def load_settings(
    name: str | None = None,
    variables: Mapping[str, str] | None = None,
    features: Sequence[Feature] = FEATURES,
) -> Settings:
    """Read the settings as `config.loading.load_groups` does, of all these features."""
    return load_groups(settings_groups(features), name, variables)
