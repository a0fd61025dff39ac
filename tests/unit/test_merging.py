"""Merging one profile into another: what is kept, what is refused, what came from where."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.services.merging import Content, MergeConflict, Merged, Policy, Side, merge, same
from schemas.definition import Attribute, Definition, Extension, Shape
from schemas.document import Number, dump, parse

RECORD = (Attribute(name="Key", type="string"), Attribute(name="City", type="string"))
DEFINITION = Definition(
    attributes=(
        Attribute(name="Name", type="string"),
        Attribute(name="Title", type="string"),
        Attribute(name="Mail", type="string", multi_valued=True),
    ),
    extensions=(
        Extension(name="Address", type=Shape.SINGLE, attributes=RECORD),
        Extension(name="Phone", type=Shape.MULTI, attributes=RECORD, unique=("Key",)),
        Extension(name="Note", type=Shape.MULTI, attributes=RECORD),
        Extension(name="Vip", type=Shape.CLASSIFIER),
    ),
)
DESTINATION, SOURCE, BOTH = "destination", "source", "both"
NOT_REFUSING = [Policy.SOURCE, Policy.DESTINATION]


def merged(
    destination: dict[str, Any], source: dict[str, Any], policy: Policy = Policy.REFUSE
) -> Merged:
    """The merge of two flat profiles."""
    return merge(DEFINITION, content(destination), content(source), policy)


def content(flat: dict[str, Any]) -> Content:
    extensions = {extension.name for extension in DEFINITION.extensions}
    return Content(
        {name: value for name, value in flat.items() if name not in extensions},
        {name: value for name, value in flat.items() if name in extensions},
    )


def flat(result: Merged) -> tuple[dict[str, Any], dict[str, Any]]:
    """The merged profile and the origins of its values, each as one object."""
    origins = result.origins
    assert list(origins) == ["attributes", "extensions"]
    return (
        result.content.attributes | result.content.records,
        origins["attributes"] | origins["extensions"],
    )


def conflicts(destination: dict[str, Any], source: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(MergeConflict) as caught:
        merged(destination, source)
    return {fault.pointer: fault.message for fault in caught.value.faults}


@pytest.mark.parametrize(
    ("destination", "source", "values", "origins"),
    [
        (["a", "b"], ["b", "c"], ["a", "b", "c"], [DESTINATION, BOTH, SOURCE]),
        (["a"], ["b", "a"], ["a", "b"], [BOTH, SOURCE]),
        (["a"], ["A"], ["a", "A"], [DESTINATION, SOURCE]),
        (["a"], ["b", "b"], ["a", "b"], [DESTINATION, SOURCE]),
        (["a", "a"], ["a"], ["a", "a"], [BOTH, DESTINATION]),
        ("a", "b", ["a", "b"], [DESTINATION, SOURCE]),
        ("a", ["a"], "a", BOTH),
        ("a", "a", "a", BOTH),
        ("a", [], "a", DESTINATION),
        (["a"], "a", ["a"], [BOTH]),
        ([], "a", ["a"], [SOURCE]),
        ([1], [True, Number("1.0")], [1, True, Number("1.0")], [DESTINATION, SOURCE, SOURCE]),
    ],
)
@pytest.mark.parametrize("policy", Policy)
def test_several_values_are_united_with_those_of_the_destination_first(
    destination: Any, source: Any, values: Any, origins: Any, policy: Policy
) -> None:
    result = merged({"Mail": destination}, {"Mail": source}, policy)
    assert flat(result) == ({"Mail": values}, {"Mail": origins})
    assert repr(result.content.attributes["Mail"]) == repr(values)


@pytest.mark.parametrize(
    ("policy", "value", "origin"),
    [
        (Policy.REFUSE, "x", DESTINATION),
        (Policy.DESTINATION, "x", DESTINATION),
        (Policy.SOURCE, "y", SOURCE),
    ],
)
def test_of_single_values_the_one_of_the_destination_stays_unless_forced(
    policy: Policy, value: str, origin: str
) -> None:
    assert flat(merged({"Name": "x"}, {"Name": "y"}, policy)) == (
        {"Name": value},
        {"Name": origin},
    )


@pytest.mark.parametrize("policy", Policy)
def test_what_only_one_side_has_is_taken_as_it_is(policy: Policy) -> None:
    destination = {"Name": "x", "Address": {"City": "x"}, "Note": [{"City": "x"}]}
    source = {"Title": "y", "Mail": ["a", "a"], "Vip": {}, "Phone": [{"Key": "1"}, {"Key": "2"}]}
    assert flat(merged(destination, source, policy)) == (
        destination | source,
        {
            "Name": DESTINATION,
            "Address": DESTINATION,
            "Note": [DESTINATION],
            "Title": SOURCE,
            "Mail": [SOURCE, SOURCE],
            "Vip": SOURCE,
            "Phone": [SOURCE, SOURCE],
        },
    )


@pytest.mark.parametrize(
    "same_on_both",
    [
        {"Name": "x"},
        {"Address": {"City": "x", "Key": "1"}},
        {"Vip": {}},
    ],
)
def test_what_is_the_same_on_both_sides_is_no_conflict(same_on_both: dict[str, Any]) -> None:
    expected = (same_on_both, dict.fromkeys(same_on_both, BOTH))
    assert flat(merged(same_on_both, same_on_both)) == expected


def test_the_order_of_names_in_a_record_makes_no_difference() -> None:
    assert flat(
        merged({"Address": {"Key": "1", "City": "x"}}, {"Address": {"City": "x", "Key": "1"}})
    ) == ({"Address": {"Key": "1", "City": "x"}}, {"Address": BOTH})


@pytest.mark.parametrize(
    ("policy", "city", "origin"),
    [(Policy.SOURCE, "y", SOURCE), (Policy.DESTINATION, "x", DESTINATION)],
)
def test_a_single_record_that_differs_comes_whole_from_the_side_that_wins(
    policy: Policy, city: str, origin: str
) -> None:
    result = merged(
        {"Address": {"City": "x", "Key": city}}, {"Address": {"City": "y", "Key": city}}, policy
    )
    assert flat(result) == ({"Address": {"City": city, "Key": city}}, {"Address": origin})


@pytest.mark.parametrize(
    ("policy", "city", "origin"),
    [(Policy.SOURCE, "y", SOURCE), (Policy.DESTINATION, "x", DESTINATION)],
)
def test_records_with_unique_values_are_united_each_in_its_place(
    policy: Policy, city: str, origin: str
) -> None:
    destination = [{"Key": "1", "City": "x"}, {"Key": "2"}, {"Key": "3"}]
    source = [{"Key": "4"}, {"Key": "3"}, {"Key": "1", "City": "y"}]
    assert flat(merged({"Phone": destination}, {"Phone": source}, policy)) == (
        {"Phone": [{"Key": "1", "City": city}, {"Key": "2"}, {"Key": "3"}, {"Key": "4"}]},
        {"Phone": [origin, DESTINATION, BOTH, SOURCE]},
    )


def test_records_that_lack_the_unique_value_count_as_the_same() -> None:
    assert conflicts({"Phone": [{"City": "x"}]}, {"Phone": [{"City": "y"}]}).keys() == {"/Phone/0"}


def test_records_without_unique_values_are_united_unless_equal() -> None:
    destination = [{"City": "x"}, {"City": "x"}, {"Key": "1"}]
    source = [{"City": "X"}, {"City": "x"}]
    assert flat(merged({"Note": destination}, {"Note": source})) == (
        {"Note": [*destination, {"City": "X"}]},
        {"Note": [BOTH, DESTINATION, DESTINATION, SOURCE]},
    )


def test_every_conflict_is_told_with_its_place_in_the_source() -> None:
    destination = {"Address": {"City": "x"}, "Phone": [{"Key": "1"}, {"Key": "2"}, {"Key": "3"}]}
    source = {
        "Phone": [{"Key": "3", "City": "y"}, {"Key": "2"}, {"Key": "1", "City": "y"}],
        "Address": {"City": "y"},
    }
    phone = "the destination has another Phone record with the same Key"
    told = conflicts(destination, source)
    assert told == {
        "/Phone/0": phone,
        "/Phone/2": phone,
        "/Address": "the destination has another Address",
    }


def test_names_come_in_the_order_of_the_destination_and_then_of_the_source() -> None:
    destination = {"Title": "x", "Mail": "a", "Vip": {}, "Address": {"City": "x"}}
    source = {"Note": [{}], "Address": {"City": "x"}, "Name": "y", "Mail": "b"}
    values, origins = flat(merged(destination, source))
    assert list(values) == ["Title", "Mail", "Name", "Vip", "Address", "Note"]
    assert list(origins) == list(values)


def test_values_that_the_definition_does_not_know_any_more_are_merged_by_their_form() -> None:
    destination = {"Old": "x", "Olds": ["x"]}
    source = {"Old": "y", "Olds": ["y"]}
    assert flat(merged(destination, source)) == (
        {"Old": "x", "Olds": ["x", "y"]},
        {"Old": DESTINATION, "Olds": [DESTINATION, SOURCE]},
    )


def test_records_of_an_extension_that_is_not_defined_any_more_are_united() -> None:
    nothing = Definition(attributes=())
    result = merge(
        nothing,
        Content({}, {"Old": [{"A": 1}]}),
        Content({}, {"Old": [{"A": 1}, {"A": 2}]}),
        Policy.REFUSE,
    )
    assert result.content.records == {"Old": [{"A": 1}, {"A": 2}]}


def test_origins_can_be_stored() -> None:
    origins = merged({"Mail": ["a"], "Vip": {}}, {"Mail": ["b"], "Vip": {}}).origins
    assert parse(dump(origins)) == {
        "attributes": {"Mail": [DESTINATION, SOURCE]},
        "extensions": {"Vip": BOTH},
    }


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, True),
        (0, False),
        (1, Number("1.0")),
        (1, "1"),
        (Number("1.0"), Number("1.00")),
        ("a", "A"),
        (None, False),
        ([1], [True]),
        ([1, 2], [2, 1]),
        ({"a": 1}, {"a": True}),
        ({"a": None}, {}),
        ({}, []),
        ([], ""),
        ([["a", 1]], {"a": 1}),
    ],
)
def test_values_of_other_types_or_content_are_not_the_same(one: Any, other: Any) -> None:
    assert not same(one, other)
    assert not same(other, one)
    assert same(one, copy.deepcopy(one))
    assert same(other, copy.deepcopy(other))


VALUES = st.sampled_from(["a", "A", "b", "1", 1, True, Number("1.0")])
RECORDS = st.dictionaries(st.sampled_from(["Key", "City"]), VALUES)
CONTENTS = st.builds(
    Content,
    st.fixed_dictionaries(
        {},
        optional={
            "Name": VALUES,
            "Title": VALUES,
            "Mail": VALUES | st.lists(VALUES, max_size=4),
        },
    ),
    st.fixed_dictionaries(
        {},
        optional={
            "Address": RECORDS,
            "Phone": st.lists(
                RECORDS, min_size=1, max_size=4, unique_by=lambda r: repr(r.get("Key"))
            ),
            "Note": st.lists(RECORDS, min_size=1, max_size=4),
            "Vip": st.just({}),
        },
    ),
)
EMPTY = Content({}, {})


def equal(one: Content, other: Content) -> bool:
    """Also in the order of names and of values."""
    return repr(one) == repr(other)


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def has(values: Any, value: Any) -> bool:
    return any(same(each, value) for each in listed(values))


@settings(deadline=None, database=None)
@given(CONTENTS, st.sampled_from(Policy))
def test_merging_an_empty_profile_changes_nothing(profile: Content, policy: Policy) -> None:
    assert equal(merge(DEFINITION, profile, EMPTY, policy).content, profile)
    assert equal(merge(DEFINITION, EMPTY, profile, policy).content, profile)


@settings(deadline=None, database=None)
@given(CONTENTS, st.sampled_from(Policy))
def test_merging_an_equal_profile_changes_nothing(profile: Content, policy: Policy) -> None:
    twin = copy.deepcopy(profile)
    assert equal(merge(DEFINITION, profile, twin, policy).content, profile)


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS, st.sampled_from(NOT_REFUSING))
def test_merging_the_same_source_again_changes_nothing(
    destination: Content, source: Content, policy: Policy
) -> None:
    once = merge(DEFINITION, destination, source, policy).content
    assert equal(merge(DEFINITION, once, source, policy).content, once)


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS, st.sampled_from(Policy))
def test_neither_side_is_changed(destination: Content, source: Content, policy: Policy) -> None:
    before = copy.deepcopy((destination, source))
    try:
        merge(DEFINITION, destination, source, policy)
    except MergeConflict:
        assert policy is Policy.REFUSE
    assert equal(destination, before[0])
    assert equal(source, before[1])


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS, st.sampled_from(NOT_REFUSING))
def test_no_value_of_several_is_lost(
    destination: Content, source: Content, policy: Policy
) -> None:
    result = merge(DEFINITION, destination, source, policy).content
    for side in (destination, source):
        for value in listed(side.attributes.get("Mail", [])):
            assert has(result.attributes["Mail"], value)
        for record in side.records.get("Note", []):
            assert has(result.records["Note"], record)
        for record in side.records.get("Phone", []):
            keys = [each.get("Key") for each in result.records["Phone"]]
            assert has(keys, record.get("Key"))


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS)
def test_the_primary_value_and_the_order_of_the_destination_stay(
    destination: Content, source: Content
) -> None:
    result = merge(DEFINITION, destination, source, Policy.DESTINATION).content
    for before, after in (
        (destination.attributes, result.attributes),
        (destination.records, result.records),
    ):
        assert list(after)[: len(before)] == list(before)
        for name, value in before.items():
            assert all(map(same, listed(value), listed(after[name])))


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS, st.sampled_from(NOT_REFUSING))
def test_every_value_is_one_of_the_side_that_its_origin_names(
    destination: Content, source: Content, policy: Policy
) -> None:
    result = merge(DEFINITION, destination, source, policy)
    for part, values, one, other in (
        ("attributes", result.content.attributes, destination.attributes, source.attributes),
        ("extensions", result.content.records, destination.records, source.records),
    ):
        assert list(result.origins[part]) == list(values)
        for name, value in values.items():
            origin = result.origins[part][name]
            assert isinstance(origin, list) is isinstance(value, list)
            for each, side in zip(listed(value), listed(origin), strict=True):
                assert side is Side.SOURCE or has(one[name], each)
                assert side is Side.DESTINATION or has(other[name], each)


@settings(deadline=None, database=None)
@given(CONTENTS, CONTENTS)
def test_forcing_gives_what_refusing_gives_where_there_is_no_conflict(
    destination: Content, source: Content
) -> None:
    def merge_records(policy: Policy) -> dict[str, Any]:
        return merge(DEFINITION, destination, source, policy).content.records

    try:
        gentle = merge_records(Policy.REFUSE)
    except MergeConflict as conflict:
        assert repr(merge_records(Policy.SOURCE)) != repr(merge_records(Policy.DESTINATION))
        for fault in conflict.faults:
            name, _, index = fault.pointer[1:].partition("/")
            assert name in source.records
            assert not index or int(index) < len(source.records[name])
    else:
        assert repr(gentle) == repr(merge_records(Policy.SOURCE))
        assert repr(gentle) == repr(merge_records(Policy.DESTINATION))
