"""Old versions of a profile, put together out of its past rows."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.errors import VersionExpired, VersionNotFound
from app.services.revisions import (
    ATTRIBUTES,
    PastRow,
    Snapshot,
    past_row,
    reconstruct,
)

EXTENSIONS = ("Address", "Phone")


def a_row(number: int, /, **parts: Any) -> PastRow:
    """A change that wrote the attributes of its version, and ``parts``; None removes one."""
    texts = {name: text and text.encode() for name, text in parts.items()}
    return PastRow(number, {ATTRIBUTES: b"core%d" % number} | texts, begins=number == 1)


def a_deletion(number: int) -> PastRow:
    parts = {ATTRIBUTES: b"{}"} | dict.fromkeys(EXTENSIONS)
    return PastRow(number, parts, ends=True)


def now(number: int, **parts: str) -> Snapshot:
    texts = {name: text.encode() for name, text in parts.items()}
    return Snapshot(number, {ATTRIBUTES: b"core%d" % number} | texts)


def told(current: Snapshot, rows: list[PastRow], number: int) -> dict[str, str]:
    """What the profile was, without what `a_row` writes into the attributes of each version."""
    found = reconstruct(current, rows, number, EXTENSIONS)
    assert found.number == number
    parts = {name: text.decode() for name, text in found.parts.items()}
    assert parts.pop(ATTRIBUTES) == f"core{number}"
    return parts


def test_the_current_version_needs_no_past_rows() -> None:
    assert told(now(3, Phone="p3"), [], 3) == {"Phone": "p3"}


def test_what_no_later_change_tells_of_is_as_it_is_now() -> None:
    rows = [a_row(3, Phone="p3"), a_row(2)]
    assert told(now(3, Phone="p3", Address="a1"), [*rows, a_row(1, Phone="p1")], 2) == {
        "Phone": "p1",
        "Address": "a1",
    }


def test_what_a_later_change_wrote_is_as_the_newest_row_before_tells() -> None:
    rows = [a_row(4, Phone="p4"), a_row(3), a_row(2, Phone="p2"), a_row(1, Phone="p1")]
    assert told(now(4, Phone="p4"), rows, 3) == {"Phone": "p2"}
    assert told(now(4, Phone="p4"), rows, 1) == {"Phone": "p1"}


def test_what_was_removed_later_is_there_again() -> None:
    rows = [a_row(3, Phone=None), a_row(2), a_row(1, Phone="p1")]
    assert told(now(3), rows, 2) == {"Phone": "p1"}


def test_what_had_been_removed_is_not_there() -> None:
    rows = [a_row(4, Phone="p4"), a_row(3), a_row(2, Phone=None), a_row(1, Phone="p1")]
    assert told(now(4, Phone="p4"), rows, 3) == {}


def test_what_was_first_written_later_is_not_there() -> None:
    rows = [a_row(3, Phone="p3"), a_row(2), a_row(1)]
    assert told(now(3, Phone="p3"), rows, 2) == {}


def test_extensions_come_in_the_order_asked_for() -> None:
    rows = [a_row(2, Address="a2"), a_row(1, Phone="p1", Address="a1")]
    found = reconstruct(now(2, Phone="p1", Address="a2"), rows, 1, ["Phone", "Address"])
    assert list(found.parts) == [ATTRIBUTES, "Phone", "Address"]


def test_extensions_not_asked_for_do_not_count() -> None:
    rows = [a_row(3, Phone="p3"), a_row(2)]
    assert reconstruct(now(3), rows, 2, ["Address"]).parts == {ATTRIBUTES: b"core2"}


@pytest.mark.parametrize("number", [-1, 0, 4])
def test_a_version_that_never_was_is_not_found(number: int) -> None:
    with pytest.raises(VersionNotFound):
        told(now(3), [a_row(3), a_row(2), a_row(1)], number)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([], id="no row is kept"),
        pytest.param([a_row(4), a_row(3, Phone="p3")], id="the row of the version"),
        pytest.param([a_row(3), a_row(2, Phone="p2"), a_row(1)], id="the row of the current one"),
        pytest.param([a_row(4), a_row(2, Phone="p2"), a_row(1)], id="a row in between"),
        pytest.param([a_row(4, Phone="p4"), a_row(3), a_row(2)], id="the row before that tells"),
    ],
)
def test_a_version_is_expired_when_a_row_that_is_needed_is_gone(rows: list[PastRow]) -> None:
    with pytest.raises(VersionExpired):
        told(now(4, Phone="p4"), rows, 2)


def test_a_row_that_could_tell_of_a_later_change_is_needed() -> None:
    rows = [a_row(5, Phone="p5"), a_row(4), a_row(2, Phone="p2"), a_row(1)]
    with pytest.raises(VersionExpired):
        told(now(5, Phone="p5"), rows, 4)


def test_a_row_that_nothing_asks_for_may_be_gone() -> None:
    assert told(now(3, Phone="p1"), [a_row(3), a_row(2)], 2) == {"Phone": "p1"}


@pytest.mark.parametrize("number", [1, 2, 3])
def test_what_was_before_a_deletion_is_not_found(number: int) -> None:
    rebirth = PastRow(4, {ATTRIBUTES: b"core4"}, begins=True)
    rows = [a_row(5), rebirth, a_deletion(3), a_row(2, Phone="p2"), a_row(1)]
    with pytest.raises(VersionNotFound):
        told(now(5), rows, number)


def test_what_was_before_a_new_beginning_is_not_found_without_the_row_of_the_deletion() -> None:
    with pytest.raises(VersionNotFound):
        told(now(5), [a_row(5), PastRow(4, begins=True)], 3)


def test_a_new_life_takes_nothing_from_the_one_before() -> None:
    rows = [a_row(5, Phone="p5"), a_row(4), a_deletion(3), a_row(2, Phone="p2"), a_row(1)]
    assert told(now(5, Phone="p5"), rows, 4) == {}


def test_no_more_rows_are_taken_than_needed() -> None:
    def rows() -> Iterator[PastRow]:
        yield a_row(3)
        yield a_row(2, Phone="p2")
        pytest.fail("a third row was taken")

    assert reconstruct(now(3, Phone="p2"), rows(), 2, EXTENSIONS).parts[ATTRIBUTES] == b"core2"


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        (b'{"attributes":{"A":1.10}}', {ATTRIBUTES: b'{"A":1.10}'}),
        (
            b'{"attributes":{},"extensions":{"Phone":[{"A":"1"}]},"removed":["Vip"]}',
            {ATTRIBUTES: b"{}", "Phone": b'[{"A":"1"}]', "Vip": None},
        ),
        (b'{"extensions":{"Vip":{}}}', {"Vip": b"{}"}),
    ],
)
def test_a_row_tells_of_the_parts_in_its_document(document: bytes, parts: Any) -> None:
    assert past_row(2, "update", document, b'{"parts":[]}') == PastRow(2, parts)


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (b'{"attributes":{}}', {}),
        (b'{"attributes":{},"extensions":{}}', {"Phone": None, "Vip": None}),
        (b'{"attributes":{},"extensions":{"Vip":{}}}', {"Phone": None, "Vip": b"{}"}),
    ],
)
def test_a_row_without_a_note_names_all_extensions_that_were_left(
    document: bytes, told: dict[str, bytes | None]
) -> None:
    assert past_row(2, "update", document, b"{}").told(["Phone", "Vip"]) == told


def test_what_a_whole_row_does_not_name_was_not_there_after_it() -> None:
    removing = PastRow(2, {ATTRIBUTES: b"core2"}, whole=True)
    rows = [a_row(3, Phone="p3"), removing, a_row(1, Phone="p1")]
    assert told(now(3, Phone="p3"), rows, 2) == {}
    assert told(now(3, Phone="p3"), rows, 1) == {"Phone": "p1"}


@pytest.mark.parametrize(
    ("number", "operation", "begins", "ends"),
    [
        (1, "load", True, False),
        (4, "create", True, False),
        (4, "load", False, False),
        (4, "delete", False, True),
    ],
)
def test_a_row_tells_of_a_beginning_and_an_end(
    number: int, operation: str, begins: bool, ends: bool
) -> None:
    row = past_row(number, operation, b"{}", b"{}")
    assert (row.begins, row.ends) == (begins, ends)


CHANGES = st.lists(
    st.dictionaries(st.sampled_from(EXTENSIONS), st.sampled_from(["x", "y", None])), min_size=1
)


@settings(deadline=None, database=None)
@given(CHANGES, st.data())
def test_every_version_of_a_fully_kept_past_is_as_it_was(
    changes: list[dict[str, str | None]], data: st.DataObject
) -> None:
    states: list[dict[str, str]] = [{}]
    for change in changes:
        after = {**states[-1], **change}
        states.append({name: text for name, text in after.items() if text is not None})
    rows = [a_row(number, **change) for number, change in enumerate(changes, 1)][::-1]
    number = data.draw(st.integers(1, len(changes)))
    assert told(now(len(changes), **states[-1]), rows, number) == states[number]


@settings(deadline=None, database=None)
@given(CHANGES, st.data())
def test_a_partly_kept_past_gives_the_right_version_or_none(
    changes: list[dict[str, str | None]], data: st.DataObject
) -> None:
    current = len(changes)
    states: list[dict[str, str]] = [{}]
    for change in changes:
        after = {**states[-1], **change}
        states.append({name: text for name, text in after.items() if text is not None})
    kept = data.draw(st.sets(st.integers(1, current)))
    rows = [a_row(number, **changes[number - 1]) for number in sorted(kept, reverse=True)]
    number = data.draw(st.integers(1, current))
    try:
        assert told(now(current, **states[-1]), rows, number) == states[number]
    except VersionExpired:
        assert not kept.issuperset(range(1, current + 1))
