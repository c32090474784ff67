"""gunicorn's settings and what it believes of a client, while a process serves."""

import pytest
from gunicorn.config import KNOWN_SETTINGS, Config

from userapi.web.server.heads import parse_head
from userapi.web.server.settings import FixedSettings

pytestmark = pytest.mark.any_database

HEAD = b"GET / HTTP/1.1\r\nHost: api\r\nX-Forwarded-Proto: https\r\n\r\n"
OVERRIDING = b"GET / HTTP/1.1\r\nHost: api\r\nSCRIPT_NAME: /x\r\n\r\n"
CLIENT = ("192.0.2.7", 4242)


def settings(trusted: str) -> FixedSettings:
    config = Config()
    config.set("forwarded_allow_ips", trusted)
    config.set("http_parser", "python")
    return FixedSettings(config)


def test_every_setting_is_gunicorns() -> None:
    config = Config()
    fixed = FixedSettings(config)

    for name in [each.name for each in KNOWN_SETTINGS] * 2:
        assert getattr(fixed, name) == getattr(config, name)
    assert fixed.is_ssl == config.is_ssl


def test_what_is_no_setting_is_none_here_either() -> None:
    with pytest.raises(AttributeError, match="nonsense"):
        _ = FixedSettings(Config()).nonsense


@pytest.mark.parametrize(
    ("trusted", "scheme"),
    [("", "http"), ("192.0.2.8", "http"), ("192.0.2.7", "https"), ("*", "https")],
)
def test_the_scheme_is_told_by_who_is_trusted(trusted: str, scheme: str) -> None:
    assert parse_head(settings(trusted), HEAD, CLIENT, 1).scheme == scheme


def test_who_comes_by_a_socket_file_is_trusted() -> None:
    assert parse_head(settings(""), HEAD, "", 1).scheme == "https"


@pytest.mark.parametrize(("trusted", "kept"), [("", False), ("192.0.2.7", True)])
def test_nobody_else_overrides_the_environment(trusted: str, kept: bool) -> None:  # noqa: FBT001 - a parameter of the test
    headers = parse_head(settings(trusted), OVERRIDING, CLIENT, 1).headers

    assert ("SCRIPT_NAME", "/x") in headers if kept else headers == [("HOST", "api")]
