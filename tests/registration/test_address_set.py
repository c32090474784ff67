"""Addresses of every kind, registered over HTTP, against what isemail (from npm) says of them.

As in production: names of special use are not taken.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from support.address_set import (
    ADDRESSES,
    Opinion,
    opinions_of_isemail,
    read_back_after_login,
    registered,
)
from support.addresses import verify
from support.mailbox import Mailbox
from userapi.kit.email_addresses import lower_case
from userapi.web.fields import SPECIAL_USE_ADDRESSES

pytestmark = [pytest.mark.system, pytest.mark.any_database]

PAGE = (Path(__file__).parents[2] / "docs" / "addresses.md").read_text(encoding="utf-8")
DIFFERENCE = re.compile(
    r"^\| `(.+)` \| (taken|refused) \| (taken|refused) \| \S.* \|$", re.MULTILINE
)
RESPELLED = re.compile(r"^\| `(.+)` \| `(.+)` \|$", re.MULTILINE)
COUNTS = re.compile(
    r"Of (\d+) addresses isemail takes (\d+), and userapi (\d+); they\s+differ about (\d+)"
)
MAILED = re.compile(r"mail of all (\d+) arrived")


@pytest.fixture(scope="module")
def opinions() -> Mapping[str, Opinion]:
    """What isemail says of each address."""
    return dict(zip(ADDRESSES, opinions_of_isemail(ADDRESSES), strict=True))


@pytest.fixture
def taken(app: Flask, client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The addresses that are taken, with what their registration tells."""
    monkeypatch.setitem(app.config, SPECIAL_USE_ADDRESSES, False)
    return registered(client, ADDRESSES)


def word(*, is_taken: bool) -> str:
    return "taken" if is_taken else "refused"


def test_the_set_has_addresses_of_every_kind(opinions: Mapping[str, Opinion]) -> None:
    assert len(opinions) == len(ADDRESSES)
    assert len({opinion.diagnosis for opinion in opinions.values()}) >= 45


def test_the_page_names_each_address_about_which_isemail_differs(
    opinions: Mapping[str, Opinion], taken: Mapping[str, str]
) -> None:
    differences = {
        address: [word(is_taken=opinion.accepts), word(is_taken=address in taken)]
        for address, opinion in opinions.items()
        if opinion.accepts != (address in taken)
    }

    told = {json.loads(address): words for address, *words in DIFFERENCE.findall(PAGE)}
    assert told == differences
    counts = (
        len(ADDRESSES),
        sum(opinion.accepts for opinion in opinions.values()),
        len(taken),
        len(differences),
    )
    assert [tuple(map(int, found)) for found in COUNTS.findall(PAGE)] == [counts]


def test_each_address_that_is_taken_logs_in_and_is_read_back(
    client: FlaskClient, taken: Mapping[str, str]
) -> None:
    assert taken
    for address, told in taken.items():
        assert read_back_after_login(client, address) == told
        assert read_back_after_login(client, told) == told


def test_each_address_that_is_taken_gets_its_mail_and_is_proven_by_it(
    client: FlaskClient, mailbox: Mailbox, taken: Mapping[str, str]
) -> None:
    mailbox.deliver()

    assert Counter(mail.recipient for mail in mailbox.all()) == Counter(taken.values())
    assert list(map(int, MAILED.findall(PAGE))) == [len(mailbox.all())]
    for mail in mailbox.all():
        proven = verify(client, mail.token).get_json()
        assert proven == {"email": mail.recipient, "email_verified": True}


def test_the_page_names_each_address_that_is_read_back_in_another_spelling(
    taken: Mapping[str, str],
) -> None:
    respelled = {typed: told for typed, told in taken.items() if told != lower_case(typed)}

    named = {json.loads(typed): json.loads(told) for typed, told in RESPELLED.findall(PAGE)}
    assert named == respelled
