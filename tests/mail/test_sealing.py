import uuid

import pytest

from userapi.mail.links import Link, LinkKind
from userapi.mail.sealing import MailContent, Seal

MAIL_ID = uuid.UUID(int=1)
CONTENT = MailContent(
    values={"role": "ädmin"}, name="Ada", link=Link(LinkKind.INVITE, "s3cret-canary")
)


@pytest.mark.parametrize("content", [CONTENT, MailContent(values={})])
def test_what_is_sealed_can_be_opened(content: MailContent) -> None:
    assert Seal(b"k" * 32).open(Seal(b"k" * 32).close(content, MAIL_ID), MAIL_ID) == content


def test_the_same_is_sealed_differently_and_shows_nothing() -> None:
    seal = Seal(b"k" * 32)
    sealed = [seal.close(CONTENT, MAIL_ID) for _ in range(2)]

    assert sealed[0] != sealed[1]
    assert b"canary" not in sealed[0]
    assert "canary" not in repr(CONTENT)


@pytest.mark.parametrize(
    ("key", "mail_id", "change"),
    [
        (b"x" * 32, MAIL_ID, 0),
        (b"k" * 32, uuid.UUID(int=2), 0),
        (b"k" * 32, MAIL_ID, 1),
    ],
    ids=["another key", "another row", "altered"],
)
def test_what_was_not_sealed_like_that_is_refused(
    key: bytes, mail_id: uuid.UUID, change: int
) -> None:
    sealed = bytearray(Seal(b"k" * 32).close(CONTENT, MAIL_ID))
    sealed[-1] ^= change

    with pytest.raises(ValueError, match="cannot be read with this SECRET_KEY"):
        Seal(key).open(bytes(sealed), mail_id)


def test_a_key_has_a_name_that_does_not_tell_it() -> None:
    assert Seal(b"k" * 32).key_id != Seal(b"x" * 32).key_id
    assert Seal(b"k" * 32).key_id not in (b"k" * 32).hex()
