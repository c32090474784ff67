"""Every mailbox has one form, and no character stands for another."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.provisional import domains

from userapi.kit.email_addresses import canonical_email, lower_case, parse_email

ADA = "ada@example.com"
INTERNATIONAL = "ada@xn--exmple-cua.de"
SPACED = '"ada lovelace"@example.com'

LOCAL_PARTS = st.text(string.ascii_letters + string.digits + '."\\ @+é', min_size=1, max_size=66)
QUOTED = LOCAL_PARTS.map(lambda text: '"' + text.replace('"', '\\"') + '"')
ODD = "\u0131\u017f\uff0e\u00ad\u200d\u0660\u0627"
LABELS = st.text(f"abcXYZ019-éßσΣא{ODD}", min_size=1, max_size=12)
HOSTS = domains() | st.lists(LABELS, min_size=1, max_size=4).map(".".join)
ADDRESSES = st.builds("{}@{}".format, LOCAL_PARTS | QUOTED, HOSTS)


@pytest.mark.parametrize(
    ("spelling", "canonical"),
    [
        (ADA, ADA),
        ("ADA@Example.COM", ADA),
        ('"ada"@example.com', ADA),
        ('"ADA"@example.com', ADA),
        (r'"\a\d\a"@example.com', ADA),
        (SPACED, SPACED),
        (r'"ada\ lovelace"@example.com', SPACED),
        (r'"Ada Lovelace"@EXAMPLE.com', SPACED),
        ('"a@b"@example.com', '"a@b"@example.com'),
        (r'"a\"b\\"@example.com', r'"a\"b\\"@example.com'),
        ("ada@exämple.de", INTERNATIONAL),
        ("Ada@EXÄMPLE.DE", INTERNATIONAL),
        ("ada@exa\u0308mple.de", INTERNATIONAL),
        ("ada@XN--EXMPLE-CUA.de", INTERNATIONAL),
        ("ada@straße.de", "ada@xn--strae-oqa.de"),
        ("ada@ΟΔΟΣ.gr", "ada@xn--pxavbq.gr"),
        ("ada+news@example.com", "ada+news@example.com"),
        ("a.d.a@example.com", "a.d.a@example.com"),
        (f"{'a' * 64}@example.com", f"{'a' * 64}@example.com"),
        ("ada@sub.example", "ada@sub.example"),
    ],
)
def test_an_address_has_one_form(spelling: str, canonical: str) -> None:
    assert parse_email(spelling) == canonical_email(spelling) == canonical


@pytest.mark.parametrize(
    "text",
    [
        *("", "@", "ada", "ada@", "@example.com", "ada@@example.com", "a@b@example.com"),
        *(" ada@example.com", "ada@example.com ", "ada@example.com\n", "a da@example.com"),
        *(".ada@example.com", "ada.@example.com", "a..d@example.com", '""@example.com'),
        *("<ada@example.com>", "Ada <ada@example.com>", "ada(Ada)@example.com"),
        *("ada@example.com.", "ada@.example.com", "ada@example..com", "ada@intranet"),
        *("ada@[127.0.0.1]", "ada@[IPv6:::1]", "ada@127.0.0.1", "ada@example.123"),
        *("ada@-a.com", "ada@a-.com", "ada@a_b.com", "ada@ab--cd.com", "ada@xn--99999.com"),
        *(f"{'a' * 65}@example.com", f"ada@{'a' * 64}.com", f"ada@{'a.' * 125}com"),
        f'"{"a b" * 21}"@example.com',
        *('"ada@example.com', '"a"b@example.com', '"a\x00"@example.com', '"a\x7f"@example.com'),
        *("\ud800@example.com", "ada@\ud800.com", "ada@exa\0mple.com"),
    ],
)
def test_anything_else_is_no_address(text: str) -> None:
    assert parse_email(text) is parse_email(text, special_use=True) is None


@pytest.mark.parametrize(
    "domain",
    ["localhost", "a.localhost", "a.test", "A.Test", "a.local", "a.invalid", "a.onion", "a.arpa"],
)
def test_a_name_of_special_use_is_taken_only_where_it_may_be(domain: str) -> None:
    assert parse_email(f"ada@{domain}") is None
    assert parse_email(f"ada@{domain}", special_use=True) == f"ada@{domain.lower()}"


def test_a_name_that_only_ends_alike_is_an_ordinary_one() -> None:
    assert parse_email("ada@nolocalhost.com") == "ada@nolocalhost.com"
    assert parse_email("ada@contest.com", special_use=True) == "ada@contest.com"


@pytest.mark.parametrize(
    "text",
    [
        *("ada@\u017fpam.com", "ada@\ufb01sh.com", "ada@\uff45xample.com", "ada@\u212aate.com"),
        *("ada@exam\u200bple.com", "ada@exam\u00adple.com", "ada@exam\u2060ple.com"),
        *("ada@example\u3002com", "ada@example\uff0ecom", "ada\uff20example.com"),
        *("ad\u0131@example.com", "\u017fpam@example.com", "\ufb01sh@example.com"),
        *("ad\u200ba@example.com", "\uff41da@example.com", "\u212aate@example.com"),
        *("ada@\u202ecom.example.com", "\u0430da@example.com"),
    ],
)
def test_s41_a_character_that_passes_for_another_is_refused(text: str) -> None:
    assert parse_email(text) is None
    assert canonical_email(text) == lower_case(text) == text


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("ada@ma\u0131l.com", "ada@xn--mal-kua.com"),  # a dotless i
        ("ada@\u0435xample.com", "ada@xn--xample-2of.com"),  # a Cyrillic e
        ("ada@\u0130st.com", "ada@xn--ist-8dc.com"),  # a dotted I
    ],
)
def test_s41_a_domain_that_looks_alike_is_another_one(text: str, canonical: str) -> None:
    assert parse_email(text) == canonical


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(ADDRESSES)
def test_the_canonical_form_is_a_form_of_itself(text: str) -> None:
    canonical = parse_email(text, special_use=True)

    if canonical is None:
        assert canonical_email(text) == lower_case(text)
    else:
        assert canonical.isascii()
        assert canonical.isprintable()
        assert len(canonical) <= 254
        assert parse_email(canonical, special_use=True) == lower_case(canonical) == canonical


@settings(max_examples=400, deadline=None, database=None, derandomize=True)
@given(st.text(max_size=260) | st.binary(max_size=260).map(lambda it: it.decode("latin-1")))
def test_no_text_is_too_odd(text: str) -> None:
    assert canonical_email(text) == canonical_email(canonical_email(text))
