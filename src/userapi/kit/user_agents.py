"""What clients call themselves, in words."""

import ua_parser

DESCRIPTION_LENGTH = 80
"""The limit of the characters of a described user agent."""


def user_agent_description(user_agent: str) -> str:
    """Return what a user agent is, such as `Chrome 120 on Linux`; unknown ones are cut short.

    They tell it themselves, and can tell anything.
    """
    return known_user_agent(user_agent) or _cut(user_agent)


def known_user_agent(user_agent: str) -> str | None:
    """Return what a user agent is, in words that it did not choose; None for an unknown one."""
    browser = ua_parser.parse_user_agent(user_agent)
    system = ua_parser.parse_os(user_agent)
    if browser is None:
        return None
    words = _with_version(browser.family, browser.major)
    if system is not None:
        words += f" on {_with_version(system.family, system.major)}"
    return _cut(words)


def _with_version(family: str, major: str | None) -> str:
    return family if major is None else f"{family} {major}"


def _cut(words: str) -> str:
    return words if len(words) <= DESCRIPTION_LENGTH else f"{words[: DESCRIPTION_LENGTH - 1]}…"
