import io
import json
import time
from datetime import UTC, datetime

import pytest

from userapi.imports.cells import cell_text, escaped_cell
from userapi.imports.deciding import Batch, decide
from userapi.imports.errors import SourceRefused
from userapi.imports.models import FAILURE_LENGTH
from userapi.imports.reading import MAX_LINE, Source
from userapi.imports.records import Entry, ImportFormat, OnDuplicate
from userapi.imports.validation import RowRules
from userapi.imports.writing import written
from userapi.kit.email_addresses import parse_email

NOW = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
ADA: dict[str, object] = {"email": "ada@example.com", "first_name": "Ada", "last_name": "Lovelace"}
HEADER = "email,first_name,last_name\n"
RULES = RowRules(NOW, keeps_ids=False)

FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\uff1d1+1", "'=1", "''@x", "'", "Ada", "it's"]


def entries(content: str | bytes, form: ImportFormat = ImportFormat.NDJSON) -> list[Entry]:
    stream = io.BytesIO(
        content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    )
    return list(Source(stream, form).entries())


def codes(content: str | bytes, form: ImportFormat = ImportFormat.NDJSON) -> list[tuple[int, str]]:
    """Return the rows that cannot be read, and why."""
    return [(it.row, it.refusal.code) for it in entries(content, form) if it.refusal is not None]


@pytest.mark.parametrize("text", FORMULAS)
def test_s44_a_cell_is_no_formula_and_comes_back_as_it_was(text: str) -> None:
    cell = escaped_cell(text)

    assert cell[0] not in "=+-@\t\r\uff1d"
    assert cell_text(cell) == text


def test_s44_every_text_of_a_row_is_escaped() -> None:
    row = ("7", "=a@example.com", "=1+1", "@x", "true", "user", None, None, None, "t", "t", "-h")

    (_, line) = "".join(written([row], ImportFormat.CSV, with_hashes=True)).splitlines()

    assert line == "7,'=a@example.com,'=1+1,'@x,true,user,,,,t,t,'-h"


@pytest.mark.parametrize("content", [HEADER, "\ufeff" + HEADER, HEADER.replace("\n", "\r\n")])
def test_csv_has_a_header_perhaps_behind_a_mark(content: str) -> None:
    rows = entries(content + 'ada@example.com,"Ada","Love, ""lace"""\r\n', ImportFormat.CSV)

    assert rows == [Entry(1, ADA | {"last_name": 'Love, "lace"'})]


@pytest.mark.parametrize(
    ("header", "named"),
    [
        ("email,first_name,last_name,shoe_size", "shoe_size"),
        ("email,first_name", "last_name"),
        ("email,email,first_name,last_name", "twice"),
        ("", "must name the columns"),
        ("email;first_name;last_name", "commas between"),
        ("ada@example.com,Ada,$2b$04$abc", "must name the columns"),
        ("email,first_name,last_name,d,e,f,g,h", "d, e, f and 2 more"),
        ("email,first_name,\udcff", "UTF-8"),
    ],
)
def test_a_header_that_is_none_is_refused_by_its_columns(header: str, named: str) -> None:
    with pytest.raises(SourceRefused, match=named) as refused:
        entries(header + "\n", ImportFormat.CSV)

    assert "Ada" not in refused.value.reason


def test_what_is_told_of_a_header_fits_its_column() -> None:
    with pytest.raises(SourceRefused) as refused:
        entries(",".join(number * 40 for number in "abcdefgh") + "\n", ImportFormat.CSV)

    assert len(refused.value.reason) <= FAILURE_LENGTH


def test_a_row_that_cannot_be_read_is_refused_by_its_number() -> None:
    lines = [
        json.dumps(ADA),
        "{",
        "[1]",
        '{"a":NaN}',
        "",
        "\udcff",
        "[" * 10_000,
        "x" * 20_000,
        "1",
    ]
    content = "\n".join(lines).encode("utf-8", "surrogateescape")

    found = codes(content)

    json_rows = [(2, "json"), (3, "type"), (4, "json"), (6, "encoding"), (7, "json")]
    assert found == [*json_rows, (8, "length"), (9, "type")]


def test_a_row_of_csv_that_cannot_be_read_is_refused_by_its_number() -> None:
    content = HEADER + 'a@b.org,A,B\na@b.org,A\na@b.org,"A"x,B\na@b.org,A,B\na@b.org,"A,B\n'

    assert codes(content, ImportFormat.CSV) == [(2, "cells"), (3, "csv"), (5, "csv")]


def test_a_quote_that_is_not_closed_takes_no_other_row_along() -> None:
    content = f'{HEADER}a@b.org,"A,B\nc@b.org,C,D\ne@b.org,\udcff,F\n'

    assert codes(content, ImportFormat.CSV) == [(1, "csv"), (3, "encoding")]
    assert [it.row for it in entries(content, ImportFormat.CSV)] == [1, 2, 3]


@pytest.mark.parametrize("form", ImportFormat)
def test_blank_lines_count_for_what_a_file_is_only_where_a_row_follows(form: ImportFormat) -> None:
    def digests(content: str) -> list[str]:
        source = Source(io.BytesIO(content.encode()), form)
        return [source.digest() for _ in source.entries()] + [source.digest()]

    one, other = "email,first_name,last_name\n{}\n", "7\n"
    first, at_end = digests(one + "\n\r\n")[-2:]
    assert first == at_end == digests(one)[-1]
    assert digests(one + other)[-1] != digests(one + "\n" + other)[-1]
    assert digests(one + "\n" + other)[-1] != digests(one + "1" + other)[-1]


def test_a_mark_at_the_beginning_is_no_part_of_a_line_that_is_too_long() -> None:
    content = "\ufeff" + "x" * (MAX_LINE - 1) + "yz\n1\n"

    assert codes(content.encode()) == [(1, "length"), (2, "type")]


def test_no_line_takes_more_memory_than_a_line_may() -> None:
    class Endless(io.RawIOBase):
        sizes: list[int] = []  # noqa: RUF012
        left = 200

        def readline(self, size: int | None = -1, /) -> bytes:
            self.sizes.append(size or 0)
            self.left -= 1
            return b"x" * (size or 0) if self.left > 0 else b""

    stream = Endless()

    assert [it.row for it in Source(stream, ImportFormat.NDJSON).entries()] == [1]  # type: ignore[arg-type]
    assert max(stream.sizes) <= MAX_LINE + 4


BAD = [
    ({"email": "nobody"}, "email", "email"),
    ({"email": None}, "email", "required"),
    ({"email": 7}, "email", "type"),
    ({"email": "a" * 300 + "@example.com"}, "email", "length"),
    ({"first_name": ""}, "first_name", "length"),
    ({"first_name": "x" * 101}, "first_name", "length"),
    ({"first_name": "A\0da"}, "first_name", "characters"),
    ({"first_name": "A\nda"}, "first_name", "characters"),
    ({"first_name": "\u202eadA"}, "first_name", "characters"),
    ({"first_name": "\udcff"}, "first_name", "characters"),
    ({"first_name": "\u200b"}, "first_name", "blank"),
    ({"last_name": "  "}, "last_name", "blank"),
    ({"is_active": "true"}, "is_active", "type"),
    ({"role": "root"}, "role", "choice"),
    ({"role": ["admin"]}, "role", "choice"),
    ({"language": "not a language"}, "language", "language"),
    ({"created_at": "2026-02-30T00:00:00Z"}, "created_at", "date-time"),
    ({"created_at": "0001-01-01T00:00:00+23:59"}, "created_at", "date-time"),
    ({"created_at": 12}, "created_at", "date-time"),
    ({"created_at": "2027-01-01T00:00:00Z"}, "created_at", "range"),
    ({"created_at": "1969-12-31T23:59:59Z"}, "created_at", "range"),
    ({"email_verified_at": "0001-01-01T00:00:00Z"}, "email_verified_at", "range"),
    ({"password_hash": "secret"}, "password_hash", "hash"),
    ({"password_hash": 7}, "password_hash", "hash"),
    ({"deleted_at": None}, "deleted_at", "unknown"),
    ({"version": 7}, "version", "unknown"),
]


@pytest.mark.parametrize(("changes", "field", "code"), BAD)
def test_s32_a_row_is_held_to_the_rules_of_registration(
    changes: dict[str, object], field: str, code: str
) -> None:
    refusal = RULES.check(Entry(3, ADA | changes))

    assert (refusal.row, refusal.field, refusal.code) == (3, field, code)  # type: ignore[union-attr]
    assert "secret" not in str(refusal)


@pytest.mark.parametrize("number", [None, 0, -1, True, 1.0, "7", 10**15 + 1, 2**70])
def test_an_id_that_is_kept_is_one_beyond_which_others_follow(number: object) -> None:
    refusal = RowRules(NOW, keeps_ids=True).check(Entry(1, ADA | {"id": number}))

    assert refusal.field == "id"  # type: ignore[union-attr]


ADDRESSES = [
    "ada@example.com",
    "Ada@Example.COM",
    "a.b-c_d+e@mail.example.org",
    "a..b@example.com",
    ".a@example.com",
    "a@localhost",
    "a@example.test",
    "a@-example.com",
    "a@xn--bcher-kva.example",
    "a@b\u00fccher.example",
    "x" * 64 + "@example.com",
    "x" * 65 + "@example.com",
    "a@" + "x" * 64 + ".com",
    "a@" + ".".join(["x" * 60] * 4) + ".com",
    '"a b"@example.com',
    "a@[127.0.0.1]",
    "a@b@example.com",
    "a@example.com\n",
    "_@example.com",
]


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("special_use", [False, True])
def test_an_address_is_understood_as_registration_does(address: str, *, special_use: bool) -> None:
    checked = RowRules(NOW, keeps_ids=False, special_use=special_use).check(
        Entry(1, ADA | {"email": address})
    )

    assert getattr(checked, "email", None) == parse_email(address, special_use=special_use)


@pytest.mark.parametrize(
    ("written_as", "told"),
    [
        ("2026-01-31T09:30:00Z", "2026-01-31T09:30:00.000000Z"),
        ("2026-01-31t10:30:00.5+01:00", "2026-01-31T09:30:00.500000Z"),
        ("2026-01-31T09:30:00.123456Z", "2026-01-31T09:30:00.123456Z"),
    ],
)
def test_a_time_has_one_form(written_as: str, told: str) -> None:
    user = RULES.check(Entry(1, ADA | {"created_at": written_as}))

    assert (user.created_at, user.updated_at) == (told, told)  # type: ignore[union-attr]


def test_s36_bad_rows_cost_what_their_number_costs() -> None:
    def seconds(rows: int) -> float:
        content = b'{"email": "nobody", "x": [[[]]]}\n' * rows
        begin = time.process_time()
        source = Source(io.BytesIO(content), ImportFormat.NDJSON)
        batch = Batch(list(source.entries()), RULES.check, source)
        decide(batch, OnDuplicate.FAIL, holders={}, taken_ids=())
        return time.process_time() - begin

    few, many = (min(seconds(rows) for _ in range(3)) for rows in (4_000, 16_000))

    assert many < 8 * few
