import pytest

from userapi.kit.text import NO_ADDRESS, address_bucket, canonical_address

NO_ADDRESSES = [None, "", "unknown", "203.0.113.256", "a" * 9000, "\u0661.2.3.4"]
NO_PORTS = [
    "203.0.113.7:",
    "203.0.113.7:x",
    "203.0.113.7:123456",
    "203.0.113.7:\u0661",
    "[203.0.113.7",
    "[]:443",
    "[2001:db8::1]443",
    "[2001:db8::1]:",
    "2001:db8::1]:443",
]


@pytest.mark.parametrize(
    ("text", "spelling"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("203.0.113.7:4711", "203.0.113.7"),
        ("[2001:DB8::1]:4711", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[::ffff:203.0.113.7]:4711", "203.0.113.7"),
    ],
)
def test_an_address_has_one_spelling(text: str, spelling: str) -> None:
    assert canonical_address(text) == spelling


@pytest.mark.parametrize("text", [*NO_ADDRESSES, *NO_PORTS])
def test_anything_else_is_no_address(text: str | None) -> None:
    assert canonical_address(text) is None


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        (f"fe80::1%{'z' * 9000}", "fe80::/64"),
    ],
)
def test_a_client_has_one_bucket(text: str, bucket: str) -> None:
    assert address_bucket(text) == bucket


@pytest.mark.parametrize("text", NO_ADDRESSES)
def test_clients_without_an_address_share_a_bucket(text: str | None) -> None:
    assert address_bucket(text) == NO_ADDRESS


def test_the_longest_bucket_has_43_characters() -> None:
    assert len(address_bucket("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")) <= 43
