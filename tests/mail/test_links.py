import pytest
from flask import Flask

from userapi.mail.links import LinkKind, Links
from userapi.web.services import provided

OURS = Links(public_url="https://api.example.com/auth", pages={})
THEIRS = Links(
    public_url="https://api.example.com", pages={LinkKind.RESET: "https://app.example.com/r?x=1"}
)


@pytest.mark.parametrize("kind", LinkKind)
def test_a_link_leads_to_a_page_of_ours(kind: LinkKind) -> None:
    assert OURS.url(kind, "urt_x") == f"https://api.example.com/auth/links/{kind.value}#urt_x"


def test_a_link_leads_to_a_front_end_that_is_named() -> None:
    assert THEIRS.url(LinkKind.RESET, "urt_x") == "https://app.example.com/r?x=1#urt_x"
    assert THEIRS.url(LinkKind.CHANGE, "urt_x") == "https://api.example.com/links/change#urt_x"


@pytest.mark.any_database
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
        {"X-Forwarded-Prefix": "/evil"},
    ],
)
def test_no_header_of_a_request_reaches_a_link(app: Flask, headers: dict[str, str]) -> None:
    with app.test_request_context("/", headers=headers):
        url = provided(Links).url(LinkKind.RESET, "urt_x")

    assert url == "http://127.0.0.1:5000/links/reset#urt_x"
