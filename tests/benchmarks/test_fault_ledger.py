from pathlib import Path

import pytest
from benchmarks.faults.ledger import Ledger, digest_of

pytestmark = pytest.mark.any_database

BODY = {"email": "ada@example.com", "password": "a secret of hers"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "ledgers" / "one.jsonl"


@pytest.fixture
def ledger(file: Path) -> Ledger:
    return Ledger(file)


def test_a_request_is_written_before_its_answer(ledger: Ledger) -> None:
    ledger.sent("register", BODY, key="k", target="/users")

    (entry,) = ledger.entries()

    assert (entry.number, entry.operation, entry.key, entry.target) == (
        1,
        "register",
        "k",
        "/users",
    )
    assert entry.digest == digest_of(BODY)
    assert (entry.status, entry.is_acknowledged) == (None, False)


@pytest.mark.parametrize(
    ("status", "is_acknowledged"), [(201, True), (204, True), (503, False), (None, False)]
)
def test_an_answer_belongs_to_its_request(
    ledger: Ledger, status: int | None, *, is_acknowledged: bool
) -> None:
    ledger.sent("login", None)
    number = ledger.sent("post", BODY)
    ledger.answered(number, status, "the-request", {"id": 7})

    first, second = ledger.entries()

    assert (first.status, first.effect) == (None, {})
    assert (second.status, second.request, second.effect) == (status, "the-request", {"id": 7})
    assert second.is_acknowledged is is_acknowledged


def test_it_holds_no_secret(ledger: Ledger, file: Path) -> None:
    ledger.sent("register", BODY)

    assert "secret" not in file.read_text()


def test_a_digest_does_not_depend_on_the_order() -> None:
    assert digest_of({"a": 1, "b": 2}) == digest_of({"b": 2, "a": 1}) != digest_of({"a": 1})
