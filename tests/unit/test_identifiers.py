"""Request ids and ``traceparent``: what is taken over, and what is not."""

import pytest

from app.watching.identifiers import TraceParent, request_id, trace_parent

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.mark.parametrize("given", ["a", "A-Z.0_9~", "x" * 128])
def test_a_well_formed_request_id_is_taken_over(given: str) -> None:
    assert request_id(given) == given


@pytest.mark.parametrize("given", ["", "x" * 129, "a b", "a\n", 'a"', "bruce@marvelous.com", "é"])
def test_any_other_request_id_is_replaced_by_a_fresh_one(given: str) -> None:
    made = request_id(given)
    assert made != given
    assert made != request_id(given)
    assert request_id(made) == made


@pytest.mark.parametrize(
    ("given", "flags"),
    [
        (f"00-{TRACE}-{SPAN}-01", 1),
        (f"00-{TRACE}-{SPAN}-00", 0),
        (f"01-{TRACE}-{SPAN}-03", 3),
        (f"cc-{TRACE}-{SPAN}-01-what-may-come", 1),
    ],
)
def test_a_trace_is_taken_over(given: str, flags: int) -> None:
    assert trace_parent(given) == TraceParent(TRACE, SPAN, flags)


@pytest.mark.parametrize(
    "given",
    [
        "",
        f"00-{TRACE}-{SPAN}",
        f"00-{TRACE}-{SPAN}-01-more",
        f"ff-{TRACE}-{SPAN}-01",
        f"cc-{TRACE}-{SPAN}-01.more",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[1:]}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01\n",
    ],
)
def test_what_is_no_traceparent_is_none(given: str) -> None:
    assert trace_parent(given) is None
