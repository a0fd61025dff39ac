"""The records of extensions: their shapes, and what tells them apart."""

from typing import Any

import pytest

from tests.unit.schemas import DEFAULT, a_schema, many
from tests.unit.told import told

NO_OBJECT = "must be an object"
NO_ARRAY = "must be an array of objects"


@pytest.mark.parametrize(
    ("body", "extensions"),
    [
        ({"FirstName": "x"}, None),
        ({"Address": None}, {}),
        ({"Address": []}, {}),
        ({"Address": {}}, {}),
        ({"Address": {"City": None}}, {}),
        ({"Address": {"City": "x"}}, {"Address": {"City": "x"}}),
        ({"Phone": None}, {}),
        ({"Phone": []}, {}),
        ({"Phone": {}}, {}),
        ({"Phone": {"prefix": "1"}}, {"Phone": [{"prefix": "1", "PhoneType": 0}]}),
        ({"Phone": [{"prefix": "1"}]}, {"Phone": [{"prefix": "1", "PhoneType": 0}]}),
        ({"Phone": [{}]}, {"Phone": [{"PhoneType": 0}]}),
        ({"Vip": None}, {}),
        ({"Vip": []}, {}),
        ({"Vip": {}}, {"Vip": {}}),
        ({"Vip": {}, "Address": None}, {"Vip": {}}),
    ],
)
def test_records_are_taken_in_the_shape_of_their_extension(body: Any, extensions: Any) -> None:
    assert DEFAULT.load(body).extensions == extensions


@pytest.mark.parametrize(
    ("body", "pointer", "message"),
    [
        ({"Address": "x"}, "/Address", NO_OBJECT),
        ({"Address": False}, "/Address", NO_OBJECT),
        ({"Address": 0}, "/Address", NO_OBJECT),
        ({"Address": ""}, "/Address", NO_OBJECT),
        ({"Address": [{}]}, "/Address", NO_OBJECT),
        ({"Phone": "x"}, "/Phone", NO_ARRAY),
        ({"Phone": False}, "/Phone", NO_ARRAY),
        ({"Phone": [None]}, "/Phone/0", NO_OBJECT),
        ({"Phone": [[]]}, "/Phone/0", NO_OBJECT),
        ({"Vip": True}, "/Vip", NO_OBJECT),
        ({"Vip": [{}]}, "/Vip", NO_OBJECT),
    ],
)
def test_records_of_another_shape_are_refused(body: Any, pointer: str, message: str) -> None:
    assert told(lambda: DEFAULT.load(body)) == [(pointer, message)]


@pytest.mark.parametrize(
    ("records", "faults"),
    [
        ([{"A": "1", "B": "1"}, {"A": "1", "B": "1", "C": "other"}], {1: 0}),
        ([{"A": "1"}, {"A": "2"}, {"A": "2"}, {"A": "1"}, {"A": "1"}], {2: 1, 3: 0, 4: 0}),
        ([{"A": "1"}, {"A": "1", "B": None}], {1: 0}),
    ],
)
def test_records_with_the_same_unique_values_are_told(
    records: list[dict[str, Any]], faults: dict[int, int]
) -> None:
    schema = a_schema({}, many({"A": {}, "B": {}, "C": {}}, "A", "B"))
    assert told(lambda: schema.load({"Many": records})) == [
        (f"/Many/{index}", f"has the same A, B as record {first}")
        for index, first in faults.items()
    ]


def test_records_may_share_some_of_the_unique_values() -> None:
    records = [{"A": "1", "B": "1"}, {"A": "1", "B": "2"}, {"A": "2", "B": "1"}]
    content = a_schema({}, many({"A": {}, "B": {}}, "A", "B")).load({"Many": records})
    assert content.extensions == {"Many": records}


def test_unique_values_are_compared_as_they_are_stored() -> None:
    schema = a_schema({}, many({"A": {"type": "datetime"}}, "A"))
    records = [{"A": "2020-01-01T10:00:00Z"}, {"A": "2020-01-01T12:00:00+02:00"}]
    faults = told(lambda: schema.load({"Many": records}))
    assert faults == [("/Many/1", "has the same A as record 0")]


def test_records_may_repeat_where_nothing_is_unique() -> None:
    records = [{"A": "1"}, {"A": "1"}]
    content = a_schema({}, many({"A": {}})).load({"Many": records})
    assert content.extensions == {"Many": records}


@pytest.mark.parametrize(
    ("name", "spelled"),
    [("Address", "Address"), ("ADDRESS", "Address"), ("vip", "Vip"), ("FirstName", None)],
)
def test_extensions_are_found_without_regard_to_case(name: str, spelled: str | None) -> None:
    assert DEFAULT.spelled(name) == spelled


def test_extensions_are_listed_in_the_order_of_the_definition() -> None:
    assert DEFAULT.extensions == ("Address", "Phone", "Vip")
