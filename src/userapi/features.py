"""The features, the lowest first: each may use those before it, and is built after them.

Features of one's own need no line here: a package that offers a manifest under the entry point
`userapi.features` brings them, or they are handed to `create_app(features=[...])`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import entry_points

from sqlalchemy.orm import configure_mappers

from userapi.administration.feature import FEATURE as ADMINISTRATION
from userapi.audit.feature import FEATURE as AUDIT
from userapi.authentication.feature import FEATURE as AUTHENTICATION
from userapi.bulk_updates.feature import FEATURE as BULK_UPDATES
from userapi.config.groups import CORE_GROUPS
from userapi.config.loading import load_groups
from userapi.config.settings import Settings
from userapi.container import Feature, WiringError
from userapi.db.base import Base
from userapi.devices.feature import FEATURE as DEVICES
from userapi.directory.feature import FEATURE as DIRECTORY
from userapi.health.feature import FEATURE as HEALTH
from userapi.idempotency.feature import FEATURE as IDEMPOTENCY
from userapi.imports.feature import FEATURE as IMPORTS
from userapi.invitations.feature import FEATURE as INVITATIONS
from userapi.jobs.feature import FEATURE as JOBS
from userapi.leaving.feature import FEATURE as LEAVING
from userapi.link_pages.feature import FEATURE as LINK_PAGES
from userapi.login.feature import FEATURE as LOGIN
from userapi.mail.feature import FEATURE as MAIL
from userapi.manifests import (
    ensure_distinct,
    ensure_own_branch,
    ensure_personal_data,
    ensure_sound,
)
from userapi.metrics.feature import FEATURE as METRICS
from userapi.one_time_tokens.feature import FEATURE as ONE_TIME_TOKENS
from userapi.outbox.feature import FEATURE as OUTBOX
from userapi.passwords.feature import FEATURE as PASSWORDS
from userapi.posts.feature import FEATURE as POSTS
from userapi.rate_limits.feature import FEATURE as RATE_LIMITS
from userapi.registration.feature import FEATURE as REGISTRATION
from userapi.sessions.feature import FEATURE as SESSIONS
from userapi.stats.feature import FEATURE as STATS
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
    OUTBOX,
    JOBS,
    MAIL,
    USERS,
    DIRECTORY,
    ONE_TIME_TOKENS,
    THROTTLING,
    SESSIONS,
    DEVICES,
    AUTHENTICATION,
    PASSWORDS,
    INVITATIONS,
    REGISTRATION,
    LOGIN,
    ADMINISTRATION,
    BULK_UPDATES,
    STATS,
    POSTS,
    IMPORTS,
    LEAVING,
    LINK_PAGES,
    HEALTH,
    METRICS,
)
"""The product's own features."""

configure_mappers()

metadata = Base.metadata
"""The tables of all features that were imported."""


def all_features(extra: Iterable[Feature] = ()) -> tuple[Feature, ...]:
    """Return our features, those of installed packages, and then the `extra` ones.

    Raises `WiringError` for what is no manifest or no sound one, and where two of them clash.
    """
    sources = [("userapi", feature) for feature in FEATURES]
    sources += [_ensure_manifest(*offer) for offer in _installed()]
    sources += [_ensure_manifest("create_app(features=...)", feature) for feature in extra]
    _ensure_distinct_names(sources)
    # The same manifest may be installed and handed in.
    features = tuple({id(feature): feature for _, feature in sources}.values())
    for feature in features:
        ensure_sound(feature)
    for feature in features[len(FEATURES) :]:
        ensure_own_branch(feature)
    ensure_distinct(features)
    for feature in features:
        ensure_personal_data(feature)
    return features


def _installed() -> Iterator[tuple[str, object]]:
    """Yield what installed packages offer, after the entry point that offers it."""
    for entry in entry_points(group=ENTRY_POINTS):
        source = f"the entry point {entry.name} = {entry.value}"
        try:
            offered = entry.load()
        except Exception as error:  # whatever the code of another package raises
            message = (
                f"{source} cannot be loaded: {type(error).__name__}: {error}; "
                "mend or remove the package that declares it"
            )
            raise WiringError(message) from error
        yield source, offered


def _ensure_manifest(source: str, offered: object) -> tuple[str, Feature]:
    if not isinstance(offered, Feature):
        message = f"{source}: {type(offered).__name__} is no userapi.container.Feature"
        raise WiringError(message)
    if not offered.name.strip():
        message = f"{source}: the feature has no name; give it one: Feature(name=...)"
        raise WiringError(message)
    return source, offered


def _ensure_distinct_names(sources: Iterable[tuple[str, Feature]]) -> None:
    named: dict[str, tuple[str, Feature]] = {}
    for source, feature in sources:
        first_source, first = named.setdefault(feature.name, (source, feature))
        if first is not feature:
            message = (
                f"two features have the name {feature.name}, of {first_source} and of {source}; "
                "rename one of them"
            )
            raise WiringError(message)


def settings_groups(features: Sequence[Feature] = FEATURES) -> tuple[type, ...]:
    """Return the groups of settings: those of no feature, then those of the features."""
    return (*CORE_GROUPS, *(group for feature in features for group in feature.settings))


def load_settings(
    name: str | None = None,
    variables: Mapping[str, str] | None = None,
    features: Sequence[Feature] = FEATURES,
    *,
    makes_instance: bool = True,
    keeps_problems: bool = False,
) -> Settings:
    """Read the settings as `config.loading.load_groups` does, of all these features."""
    return load_groups(
        settings_groups(features),
        name,
        variables,
        makes_instance=makes_instance,
        keeps_problems=keeps_problems,
    )
