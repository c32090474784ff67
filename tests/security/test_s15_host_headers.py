"""S15: whoever sends a request chooses the host that links in the answers lead to.

As in GHSA-3529-5m8x-rpv3.
"""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from contract.operations import Operation
from posts.samples import DRAFT, POSTS
from security.walking import Walker, example_of
from support.accounts import REGISTRATION
from support.mailbox import Mailbox
from support.paths import EMAIL_RESEND, USERS
from userapi.mail.links import LinkKind, Links
from userapi.web.services import provided

pytestmark = pytest.mark.any_database

FOREIGN = {
    "Host": "evil.example",
    "Forwarded": "host=evil.example;proto=gopher",
    "X-Forwarded-Host": "evil.example",
    "X-Forwarded-Proto": "gopher",
    "X-Forwarded-Prefix": "/evil.example",
    "X-Original-URL": "//evil.example",
    "X-Rewrite-URL": "//evil.example",
}


def test_s15_no_answer_speaks_of_the_host_that_was_asked(
    walker: Walker, operations: list[Operation]
) -> None:
    answers = [
        walker.call(operation, json=example_of(operation), headers=FOREIGN)
        for operation in operations
    ]

    said = [f"{answer.headers}{answer.text}" for answer in answers]
    assert [text for text in said if "evil.example" in text or "gopher" in text] == []


def test_s15_links_lead_to_a_path_alone(walker: Walker, client: FlaskClient) -> None:
    create = Operation("POST", POSTS, {"security": [{"bearerAuth": []}]})

    created = walker.call(create, json=DRAFT, headers=FOREIGN)

    assert created.headers["Location"].startswith(f"{POSTS}/")


@pytest.mark.parametrize("name", FOREIGN)
def test_s15_links_in_mails_lead_to_the_public_url(
    client: FlaskClient, app: Flask, mailbox: Mailbox, name: str
) -> None:
    headers = {name: FOREIGN[name]}
    client.post(USERS, json=REGISTRATION, headers=headers)
    client.post(EMAIL_RESEND, json={"email": REGISTRATION["email"]}, headers=headers)
    mailbox.deliver()

    with app.app_context():
        page = provided(Links).page(LinkKind.VERIFY)
    mails = mailbox.all(to=REGISTRATION["email"])
    assert len(mails) == 2
    assert [mail.link.partition("#")[0] for mail in mails] == [page, page]
    assert all("evil.example" not in mail.text + mail.html for mail in mails)
