"""Traces by W3C Trace Context: what is taken of a caller's headers, and what a call carries."""

import pytest

from userapi.kit.tracing import (
    CURRENT_TRACE,
    Trace,
    continued,
    in_trace_of,
    trace_headers,
    with_trace,
)

TRACE_ID = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN_ID = "00f067aa0ba902b7"
PARENT = f"00-{TRACE_ID}-{SPAN_ID}-01"
HERE = Trace(TRACE_ID, SPAN_ID, "01", "vendor=a")


@pytest.mark.parametrize(
    ("told", "flags"),
    [
        (PARENT, "01"),
        (f" {PARENT}\t", "01"),
        (f"00-{TRACE_ID}-{SPAN_ID}-00", "00"),
        (f"00-{TRACE_ID}-{SPAN_ID}-03", "03"),
        (f"00-{TRACE_ID}-{SPAN_ID}-ff", "03"),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01", "01"),
        (f"cc-{TRACE_ID}-{SPAN_ID}-01-what-the-future-brings", "01"),
    ],
)
def test_a_valid_parent_is_continued(told: str, flags: str) -> None:
    trace = continued(told)

    assert trace == Trace(TRACE_ID, SPAN_ID, flags)


@pytest.mark.parametrize(
    "told",
    [
        "",
        "00",
        PARENT.upper(),
        PARENT.replace("-", "_"),
        f"ff-{TRACE_ID}-{SPAN_ID}-01",
        f"0-{TRACE_ID}-{SPAN_ID}-01",
        f"00-{'0' * 32}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{'0' * 16}-01",
        f"00-{TRACE_ID[1:]}-{SPAN_ID}-01",
        f"00-{TRACE_ID}-{SPAN_ID}",
        f"00-{TRACE_ID}-{SPAN_ID}-0g",
        f"{PARENT}-more",
        f"{PARENT}-",
        f"cc-{TRACE_ID}-{SPAN_ID}-01.more",
        f"{PARENT},{PARENT}",
        f"{PARENT}\n",
        f"{PARENT}\r\nX-Forged: 1",
        PARENT.replace("4", "\u0664", 1),
    ],
)
def test_anything_else_is_not(told: str) -> None:
    assert continued(told) is None


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("", ""),
        ("vendor=a", "vendor=a"),
        ("a=1,b@c=2", "a=1,b@c=2"),
        (" a=1 ,, b=2\t", "a=1,b=2"),
        ("1a=x y", "1a=x y"),
        (",".join(f"k{n}=v" for n in range(32)), ",".join(f"k{n}=v" for n in range(32))),
        (",".join(f"k{n}=v" for n in range(33)), ""),
        ("a=1,a=2", ""),
        ("A=1", ""),
        ("a", ""),
        ("a=", ""),
        ("a=1=2", ""),
        ("a=1\r\nX-Forged: 1", ""),
        ("a=\u00e9", ""),
        (f"a={'x' * 256}", f"a={'x' * 256}"),
        (f"a={'x' * 257}", ""),
        (f"a={'x' * 256},b={'x' * 251}", f"a={'x' * 256},b={'x' * 251}"),
        (f"a={'x' * 256},b={'x' * 252}", ""),
    ],
)
def test_a_state_is_kept_where_it_is_valid(told: str, kept: str) -> None:
    trace = continued(PARENT, told)

    assert trace is not None
    assert trace.state == kept


def test_a_call_goes_on_in_the_trace_at_hand() -> None:
    with in_trace_of(HERE.headers()):
        assert trace_headers() == {"traceparent": PARENT, "tracestate": "vendor=a"}


def test_a_call_of_no_trace_begins_one() -> None:
    first, second = trace_headers(), trace_headers()

    assert first.keys() == {"traceparent"}
    assert continued(first["traceparent"]) is not None
    assert first != second


def test_a_job_goes_on_in_the_trace_of_its_cause() -> None:
    with in_trace_of(HERE.headers()):
        payload = with_trace({"mail_id": 1})

    with in_trace_of(payload) as given:
        assert given == {"mail_id": 1}
        assert CURRENT_TRACE.get() == HERE
    assert CURRENT_TRACE.get() is None


def test_a_job_that_is_put_again_stays_in_its_first_trace() -> None:
    with in_trace_of(HERE.headers()):
        payload = with_trace({"mail_id": 1})

    with in_trace_of(Trace("a" * 32, "b" * 16).headers()):
        assert with_trace(payload)["traceparent"] == PARENT


@pytest.mark.parametrize("told", [None, 7, "nonsense", ["00"]])
def test_what_no_trace_is_told_by_is_left_out(told: object) -> None:
    with in_trace_of({"mail_id": 1, "traceparent": told}) as given:  # type: ignore[dict-item] # whatever is stored
        assert given == {"mail_id": 1}
        assert CURRENT_TRACE.get() is None
    assert with_trace({"mail_id": 1}) == {"mail_id": 1}
