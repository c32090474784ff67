"""Web origins and names of headers as settings: what is taken, and what is said of the rest."""

import pytest

from userapi.config.origins import as_header_names, as_origins

GENERAL = "must be * or origins such as https://app.example.com, with commas"


@pytest.mark.parametrize(
    ("text", "origins"),
    [
        ("*", ("*",)),
        ("https://a.example", ("https://a.example",)),
        (
            " https://a.example , http://b.example:3000,",
            ("https://a.example", "http://b.example:3000"),
        ),
        ("HTTPS://App.Example.COM", ("https://app.example.com",)),
        ("https://a.example:443", ("https://a.example",)),
        ("http://a.example:80", ("http://a.example",)),
        ("http://a.example:443", ("http://a.example:443",)),
        ("http://a.example:08080", ("http://a.example:8080",)),
        ("http://localhost", ("http://localhost",)),
        ("http://127.0.0.1:5173", ("http://127.0.0.1:5173",)),
        ("http://[2001:DB8:0::1]:3000", ("http://[2001:db8::1]:3000",)),
        ("https://xn--bcher-kva.example", ("https://xn--bcher-kva.example",)),
        ("capacitor://localhost", ("capacitor://localhost",)),
        ("ionic://localhost", ("ionic://localhost",)),
        ("tauri://localhost", ("tauri://localhost",)),
        ("app://obsidian.md", ("app://obsidian.md",)),
        (
            "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
            ("chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",),
        ),
        (
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
            ("moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",),
        ),
    ],
)
def test_an_origin_is_spelled_as_browsers_do(text: str, origins: tuple[str, ...]) -> None:
    assert as_origins(text) == origins


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("https://app.example.com/", "without a slash at the end"),
        ("https://a.example, https://app.example.com/", "without a slash at the end"),
        ("capacitor://localhost/", "without a slash at the end"),
        ("https://a.example/path", "without path, query or fragment"),
        ("https://a.example?x", "without path, query or fragment"),
        ("https://a.example#x", "without path, query or fragment"),
        ("https://*.example.com", "each host in full"),
        ("https://*", "each host in full"),
        ("https://ada@a.example", "without a user"),
        ("https://ada:secret@a.example", "without a user"),
        ("https://bücher.example", "xn--"),
        ("null", "null: it is the origin of anybody's"),
        ("NULL", "null: it is the origin of anybody's"),
        ("file://localhost", "pages of file"),
        ("data://x", "pages of data"),
        ("https://a.example,ftp://b.example", "pages of ftp"),
        ("wss://a.example", "pages of wss"),
        ("app.example.com", GENERAL),
        ("https:app.example.com", GENERAL),
        ("https://", GENERAL),
        ("http://[", GENERAL),
        ("http://[::1", GENERAL),
        ("http://[1]", GENERAL),
        ("http://a.example:0", GENERAL),
        ("http://a.example:65536", GENERAL),
        ("http://a.example:", GENERAL),
        ("http://a..example", GENERAL),
        ("http://a b", GENERAL),
        ("http://(a)", GENERAL),
        ("1http://a.example", GENERAL),
    ],
)
def test_what_is_no_origin_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=r"^must ") as refused:
        as_origins(text)

    assert hint in str(refused.value)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "names"), [("X-Tenant", ("X-Tenant",)), ("a, B_c,", ("a", "B_c")), ("", ())]
)
def test_names_of_headers(text: str, names: tuple[str, ...]) -> None:
    assert as_header_names(text) == names


@pytest.mark.parametrize("text", ["*", "X-*", "a b", "a:b", "a;b", "ä", "a\nb", "^a", "(a)"])
def test_what_is_no_name_of_a_header(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be names of headers"):
        as_header_names(text)
