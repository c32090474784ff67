import pytest

from userapi.kit.text import escaped, excerpt, is_storable, printable


@pytest.mark.parametrize("text", ["", "Ada", "Ævar Ñandú", "名前", "👩‍💻", "a\tb\n", "\x01"])
def test_text_is_storable(text: str) -> None:
    assert is_storable(text)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "a\udfff", "\udc00\ud800"])
def test_what_no_database_stores_is_not(text: str) -> None:
    assert not is_storable(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain text", "plain text"),
        ("Ævar 名前", "Ævar 名前"),
        ("a\nb\x1b[31m", "a�b�[31m"),
        ("\ud800", "�"),
        ("\u202egnp.exe", "�gnp.exe"),
    ],
)
def test_a_message_shows_text_safely(text: str, expected: str) -> None:
    assert printable(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("abcde", "abcde"), ("abcdef", "abcde…")])
def test_a_message_shows_long_text_cut(text: str, expected: str) -> None:
    assert printable(text, limit=5) == expected


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain text, Ævar 名前 👍", "plain text, Ævar 名前 👍"),
        ("a\nb\r\n\tc", r"a\nb\r\n\tc"),
        ("\x1b[31m\x00\x7f", r"\x1b[31m\x00\x7f"),
        ("\x85\x9b", r"\x85\x9b"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\u202e\u2066\u200f\u200b\ufeff", r"\u202e\u2066\u200f\u200b\ufeff"),
        ("\U000e0001", r"\U000e0001"),
        ("\udcff", r"\udcff"),
    ],
)
def test_a_line_of_a_log_is_one_line(text: str, line: str) -> None:
    assert escaped(text) == line


def test_no_character_ends_a_line_or_directs_a_terminal() -> None:
    line = escaped("".join(map(chr, range(0x110000))))

    assert len(line.splitlines()) == 1
    assert line.isprintable()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("abc", "abc"),
        ("abcd", "abc"),
        ("abe\u0301", "ab"),
        ("ab👍🏽", "ab"),
        ("ab❤️", "ab"),
        ("ab👩‍💻", "ab"),
        ("a👩‍💻", "a"),
        ("a🇩🇪🇫🇷", "a🇩🇪"),
        ("ab🇩🇪", "ab"),
        ("ab\r\n", "ab"),
        ("\U000e0020\U000e0021\U000e0022\U000e0023", "\U000e0020\U000e0021\U000e0022"),
    ],
)
def test_an_excerpt_parts_no_character(text: str, expected: str) -> None:
    assert excerpt(text, 3) == expected


def test_an_excerpt_of_nothing_but_marks_is_cut_all_the_same() -> None:
    assert len(excerpt("a" + "\u0301" * 300, 280)) == 280
