"""Inserting, finding, updating and removing records of one extension."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.errors import RecordNotFound
from app.services.records import find, insert, remove, update
from schemas.definition import Attribute, Extension, Shape
from schemas.document import Number, dump, parse
from schemas.records import record_identity

NAMES = ("A", "B", "C")


def an_extension(shape: Shape = Shape.MULTI, *unique: str) -> Extension:
    attributes = tuple(Attribute(name=name, type="string") for name in NAMES)
    return Extension(name="Many", type=shape, attributes=attributes, unique=unique)


SINGLE, CLASSIFIER = an_extension(Shape.SINGLE), an_extension(Shape.CLASSIFIER)
PLAIN, BY_A, BY_BOTH = (
    an_extension(),
    an_extension(Shape.MULTI, "A"),
    an_extension(Shape.MULTI, "A", "B"),
)
STORED = [{"A": "1", "B": "x", "C": "p"}, {"A": "2", "B": "y"}, {"A": "3"}]
RECORDS = st.lists(
    st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["1", 1, True, Number("1.0"), "x"])),
    max_size=6,
)


def unchecked(record: dict[str, Any]) -> dict[str, Any]:
    return record


@pytest.mark.parametrize("stored", [None, {"A": "old", "B": "old"}])
def test_a_single_record_takes_the_place_of_the_one_there_is(stored: Any) -> None:
    assert insert(SINGLE, stored, {"A": "new"}) == {"A": "new"}


@pytest.mark.parametrize("stored", [None, {}])
def test_a_classifier_can_be_given(stored: Any) -> None:
    assert insert(CLASSIFIER, stored, {}) == {}


@pytest.mark.parametrize(
    ("extension", "given"),
    [
        (SINGLE, None),
        (SINGLE, []),
        (SINGLE, {}),
        (BY_A, None),
        (BY_A, []),
        (BY_A, {}),
        (PLAIN, []),
        (CLASSIFIER, None),
        (CLASSIFIER, []),
    ],
)
@pytest.mark.parametrize("stored", [None, [{"A": "1"}]])
def test_giving_no_records_leaves_those_there_are(
    extension: Extension, given: Any, stored: Any
) -> None:
    assert insert(extension, stored, given) == stored


def test_records_without_unique_attributes_come_last_even_when_equal() -> None:
    assert insert(PLAIN, [{"A": "1"}], [{"A": "1"}, {"A": "2"}]) == [
        {"A": "1"},
        {"A": "1"},
        {"A": "2"},
    ]


def test_the_first_records_of_an_extension_are_those_given() -> None:
    assert insert(BY_A, None, [{"A": "1"}, {"A": "2"}]) == [{"A": "1"}, {"A": "2"}]


def test_a_lone_object_is_an_array_of_one() -> None:
    assert insert(BY_A, [{"A": "1"}], {"A": "2"}) == [{"A": "1"}, {"A": "2"}]


def test_a_record_replaces_the_whole_one_with_its_unique_values_in_its_place() -> None:
    given = [{"A": "2", "C": "new"}, {"A": "4"}, {"A": "1", "B": "new"}]
    assert insert(BY_A, STORED, given) == [
        {"A": "1", "B": "new"},
        {"A": "2", "C": "new"},
        {"A": "3"},
        {"A": "4"},
    ]


def test_all_unique_values_together_tell_records_apart() -> None:
    stored = [{"A": "1", "B": "x"}, {"A": "1", "B": "y"}]
    assert insert(BY_BOTH, stored, [{"A": "1", "B": "y", "C": "z"}, {"A": "2", "B": "y"}]) == [
        {"A": "1", "B": "x"},
        {"A": "1", "B": "y", "C": "z"},
        {"A": "2", "B": "y"},
    ]


def test_of_given_records_with_the_same_unique_values_the_last_one_counts() -> None:
    assert insert(BY_A, None, [{"A": "1", "B": "x"}, {"A": "1", "B": "y"}]) == [
        {"A": "1", "B": "y"}
    ]


@pytest.mark.parametrize("given", [{"B": "new"}, {"A": None, "B": "new"}])
def test_records_that_lack_the_unique_value_count_as_the_same(given: dict[str, Any]) -> None:
    assert insert(BY_A, [{"B": "old"}], given) == [given]


@pytest.mark.parametrize(
    "values", [(1, True), (1, "1"), (Number("1.0"), 1), ("a", "A"), (0, False)]
)
def test_unique_values_are_compared_with_their_type_and_case(values: tuple[Any, Any]) -> None:
    stored, given = values
    assert insert(BY_A, [{"A": stored}], {"A": given}) == [{"A": stored}, {"A": given}]
    assert find(BY_A, [{"A": stored}], {"A": given}) is None


@pytest.mark.parametrize("value", [1.5, -0.0, 1e16, 1e300, 2.0, 5e-324])
def test_a_double_of_a_body_is_the_same_as_the_stored_one(value: float) -> None:
    stored = parse(dump([{"A": value}]))
    assert insert(BY_A, stored, [{"A": value, "B": "new"}]) == [{"A": value, "B": "new"}]
    assert find(BY_A, stored, {"A": value}) == 0
    assert record_identity(BY_A, stored[0]) == record_identity(BY_A, {"A": value})


@pytest.mark.parametrize(("value", "index"), [("1", 0), ("3", 2), ("4", None)])
def test_a_record_is_found_by_its_unique_values(value: str, index: int | None) -> None:
    assert find(BY_A, STORED, {"A": value}) == index


@pytest.mark.parametrize(
    ("extension", "stored"), [(BY_A, None), (PLAIN, STORED), (SINGLE, {"A": "1"})]
)
def test_nothing_is_found_without_records_or_without_unique_attributes(
    extension: Extension, stored: Any
) -> None:
    assert find(extension, stored, {"A": "1"}) is None


def test_the_first_of_repeated_records_is_found() -> None:
    assert find(BY_A, [{"A": "1", "B": "x"}, {"A": "1", "B": "y"}], {"A": "1"}) == 0


def test_an_update_sets_and_removes_values_of_one_record() -> None:
    updated = update(BY_A, STORED, {"A": "1"}, {"B": None, "C": "new"}, unchecked)
    assert updated == [{"A": "1", "C": "new"}, *STORED[1:]]


def test_an_update_keeps_the_order_of_names() -> None:
    stored = [{"C": "z", "A": "1"}]
    updated = update(BY_A, stored, {"A": "1"}, {"B": "y", "C": "x"}, unchecked)
    assert list(updated[0]) == ["C", "A", "B"]


def test_an_updated_record_is_checked_whole_and_in_json_values() -> None:
    seen = []

    def check(record: dict[str, Any]) -> dict[str, Any]:
        seen.append(record)
        return {"A": "checked"}

    updated = update(BY_A, [{"A": "1", "B": Number("0.10")}], {"A": "1"}, {"C": 1.5}, check)
    assert seen == [{"A": "1", "B": Number("0.10"), "C": Number("1.5")}]
    assert updated == [{"A": "checked"}]


def test_removing_a_record_leaves_the_others() -> None:
    assert remove(BY_A, STORED, {"A": "2"}) == [STORED[0], STORED[2]]


def test_removing_the_last_record_leaves_none() -> None:
    assert remove(BY_A, [{"A": "1"}], {"A": "1"}) is None


@pytest.mark.parametrize("stored", [None, STORED])
def test_a_record_that_is_not_there_can_neither_be_updated_nor_removed(stored: Any) -> None:
    with pytest.raises(RecordNotFound):
        update(BY_A, stored, {"A": "4"}, {"B": "new"}, unchecked)
    with pytest.raises(RecordNotFound):
        remove(BY_A, stored, {"A": "4"})


@settings(deadline=None, database=None)
@given(RECORDS, RECORDS, st.sampled_from([PLAIN, BY_A, BY_BOTH]))
def test_stored_records_are_never_changed(stored: Any, given: Any, extension: Extension) -> None:
    before = copy.deepcopy((stored, given))
    insert(extension, stored, given)
    for record in given:
        if find(extension, stored, record) is not None:
            update(extension, stored, record, {"C": "new"}, unchecked)
            remove(extension, stored, record)
    assert (stored, given) == before


@settings(deadline=None, database=None)
@given(RECORDS, RECORDS)
def test_every_given_record_is_found_and_inserting_it_again_changes_nothing(
    stored: Any, given: Any
) -> None:
    stored = insert(BY_A, None, stored)
    records = insert(BY_A, stored, given) or []
    wanted = {record_identity(BY_A, record): record for record in given}
    for record in wanted.values():
        place = find(BY_A, records, record)
        assert place is not None
        assert records[place] == record
    assert insert(BY_A, records, list(wanted.values())) == records
    assert len({record_identity(BY_A, record) for record in records}) == len(records)
