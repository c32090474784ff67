"""Which groups of settings there are: those of the core, then those of the features."""

from collections.abc import Mapping, Sequence

from userapi.audit.settings import AuditSettings
from userapi.config.groups import CORE_GROUPS
from userapi.config.loading import load_groups
from userapi.config.settings import Settings
from userapi.sessions.settings import SessionSettings
from userapi.throttling.settings import ThrottlingSettings
from userapi.tokens.settings import TokenSettings

SETTINGS_GROUPS: tuple[type, ...] = (
    *CORE_GROUPS,
    TokenSettings,
    SessionSettings,
    ThrottlingSettings,
    AuditSettings,
)


def load_settings(
    name: str | None = None,
    variables: Mapping[str, str] | None = None,
    groups: Sequence[type] = SETTINGS_GROUPS,
) -> Settings:
    """Read the settings as `config.loading.load_groups` does, of every group there is."""
    return load_groups(groups, name, variables)
