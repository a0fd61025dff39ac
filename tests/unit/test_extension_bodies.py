"""Bodies about the extensions of a profile, and stored records under a newer definition."""

from dataclasses import replace
from typing import Any

import pytest

from schemas.document import Number, dump, parse
from schemas.profile import ProfileSchema
from schemas.records import record_identity
from schemas.revising import replace_attributes, replace_extension
from tests.unit.schemas import DEFAULT, a_definition, a_schema, listed, many
from tests.unit.told import told

UNKNOWN = "is not known here"
MANDATORY = "is mandatory"
NO_STRING = "must be a string"
NO_OBJECT = "must be an object"
NO_ARRAY = "must be an array of objects"

ATTRIBUTES: dict[str, dict[str, Any]] = {
    "A": {},
    "B": {"type": "datetime"},
    "Kind": {"type": "integer", "default": 7, "mandatory": True},
    "Size": {"type": "double"},
    "Need": {"mandatory": True},
    "Tags": {"multi_valued": True, "length": 3},
}
SCHEMA = a_schema({"Core": {}}, many(ATTRIBUTES, "A", "B"))
MOMENT = "2020-01-01T10:00:00.000Z"
UNIQUE = {"A": "a", "B": MOMENT}
[MANY] = SCHEMA.definition.extensions


def test_records_to_insert_are_loaded_by_the_name_of_their_extension() -> None:
    body = {"Vip": {}, "Phone": {"prefix": "1"}, "Address": {"City": "c", "County": None}}
    assert DEFAULT.load_extensions(body) == {
        "Vip": {},
        "Phone": [{"prefix": "1", "PhoneType": 0}],
        "Address": {"City": "c"},
    }


def test_extensions_named_without_records_are_left_out() -> None:
    body: dict[str, Any] = {"Phone": [], "Address": {}, "Vip": None}
    assert DEFAULT.load_extensions(body) == {}
    assert DEFAULT.load_extensions({"Address": None, "Phone": {}, "Vip": []}) == {}


def test_a_body_to_insert_names_an_extension() -> None:
    assert told(lambda: DEFAULT.load_extensions({})) == [("", "must name at least one extension")]


@pytest.mark.parametrize("body", [None, [], [{}], "a", 5])
def test_a_body_to_insert_is_an_object(body: Any) -> None:
    assert told(lambda: DEFAULT.load_extensions(body)) == [("", NO_OBJECT)]


def test_every_fault_of_records_to_insert_is_told() -> None:
    body = {
        "FirstName": None,
        "customer_id": "a",
        "phone": [],
        "Phone": [{"PhoneNumber": "1"}, {"PhoneNumber": "1"}, {"PhoneNumber": 1}],
        "Address": {"city": "x"},
    }
    assert told(lambda: DEFAULT.load_extensions(body)) == [
        ("/FirstName", UNKNOWN),
        ("/phone", f"{UNKNOWN}, did you mean Phone?"),
        ("/Phone/1", "has the same PhoneNumber as record 0"),
        ("/Phone/2/PhoneNumber", NO_STRING),
        ("/Address/city", f"{UNKNOWN}, did you mean City?"),
    ]


def test_records_with_the_same_unique_values_are_not_inserted_together() -> None:
    body = {"Phone": [{"PhoneNumber": "1", "prefix": "a"}, {"PhoneNumber": "1"}]}
    message = "has the same PhoneNumber as record 0"
    assert told(lambda: DEFAULT.load_extensions(body)) == [("/Phone/1", message)]


def test_names_given_twice_are_told() -> None:
    body = parse(b'{"Vip": {}, "Vip": {}}')
    assert told(lambda: DEFAULT.load_extensions(body)) == [("/Vip", "is given more than once")]


@pytest.mark.parametrize(
    ("name", "value", "records"),
    [
        ("Address", {"City": "c"}, {"City": "c"}),
        ("Address", {"City": None}, None),
        ("Address", {}, None),
        ("Address", [], None),
        ("Address", None, None),
        ("Phone", {"prefix": "1"}, [{"prefix": "1", "PhoneType": 0}]),
        ("Phone", [{"prefix": "1"}], [{"prefix": "1", "PhoneType": 0}]),
        ("Phone", {}, None),
        ("Phone", [], None),
        ("Phone", None, None),
        ("Vip", {}, {}),
        ("Vip", [], None),
        ("Vip", None, None),
    ],
)
def test_all_records_of_an_extension_are_loaded(name: str, value: Any, records: Any) -> None:
    assert DEFAULT.load_records(name, value) == records


@pytest.mark.parametrize(
    ("name", "value", "faults"),
    [
        ("Address", "x", [("", NO_OBJECT)]),
        ("Address", [{}], [("", NO_OBJECT)]),
        ("Address", {"City": 5, "x": 1}, [("/City", NO_STRING), ("/x", UNKNOWN)]),
        ("Phone", 5, [("", NO_ARRAY)]),
        ("Phone", [{}, 5, {"prefix": 5}], [("/1", NO_OBJECT), ("/2/prefix", NO_STRING)]),
        ("Phone", [{}, {}], [("/1", "has the same PhoneNumber as record 0")]),
        ("Vip", {"a": 1}, [("/a", UNKNOWN)]),
    ],
)
def test_faulty_records_are_told_by_their_place(
    name: str, value: Any, faults: list[tuple[str, str]]
) -> None:
    assert told(lambda: DEFAULT.load_records(name, value)) == faults


def test_a_partial_record_is_loaded_without_defaults() -> None:
    body = {"Size": 2, "B": "2020-01-01T12:00+02:00", "Tags": ["x"], "A": "a"}
    unique, others = SCHEMA.load_partial("Many", body)
    assert (unique, others) == (UNIQUE, {"Size": 2.0, "Tags": ["x"]})


def test_a_partial_record_may_be_its_unique_values_alone() -> None:
    assert SCHEMA.load_partial("Many", UNIQUE) == (UNIQUE, {})


def test_null_removes_a_value_also_a_mandatory_one() -> None:
    body = UNIQUE | {"Need": None, "Tags": None, "Size": 1, "Kind": None}
    _, others = SCHEMA.load_partial("Many", body)
    assert others == {"Need": None, "Tags": None, "Size": 1.0, "Kind": None}


@pytest.mark.parametrize("load", [SCHEMA.load_partial, SCHEMA.unique_part])
@pytest.mark.parametrize(
    ("body", "faults"),
    [
        (None, [("", NO_OBJECT)]),
        ([UNIQUE], [("", NO_OBJECT)]),
        ({}, [("/A", MANDATORY), ("/B", MANDATORY)]),
        ({"A": "a", "B": None}, [("/B", MANDATORY)]),
        ({"B": MOMENT, "A": 5, "x": 1}, [("/A", NO_STRING), ("/x", UNKNOWN)]),
        (UNIQUE | {"tags": 1}, [("/tags", f"{UNKNOWN}, did you mean Tags?")]),
    ],
)
def test_all_unique_values_are_needed_to_select_a_record(
    load: Any, body: Any, faults: list[tuple[str, str]]
) -> None:
    assert told(lambda: load("Many", body)) == faults


def test_every_faulty_value_of_a_partial_record_is_told() -> None:
    body = UNIQUE | {"Kind": "7", "Tags": ["abcd", 5], "Size": True}
    assert [place for place, _ in told(lambda: SCHEMA.load_partial("Many", body))] == [
        "/Kind",
        "/Tags/0",
        "/Tags/1",
        "/Size",
    ]


def test_values_that_do_not_select_a_record_are_not_looked_at() -> None:
    body = UNIQUE | {"Kind": "x", "Tags": {"a": [1]}, "Need": None}
    assert SCHEMA.unique_part("Many", body) == UNIQUE


def test_a_unique_value_with_a_default_is_needed_too() -> None:
    schema = a_schema({}, many({"A": {"default": "x"}}, "A"))
    assert told(lambda: schema.unique_part("Many", {})) == [("/A", MANDATORY)]


def test_a_stored_record_with_changes_is_checked_as_a_whole() -> None:
    stored = parse(dump(UNIQUE | {"Need": "x", "Size": 1.5, "Kind": 3, "Tags": ["a"]}))
    _, changes = SCHEMA.load_partial("Many", UNIQUE | {"Size": 2.5, "Kind": None, "Tags": None})
    record = SCHEMA.check_record("Many", stored | changes)
    assert record == UNIQUE | {"Need": "x", "Size": 2.5, "Kind": 7}
    assert SCHEMA.check_record("Many", record) == record


def test_a_record_without_a_mandatory_value_is_refused() -> None:
    record = UNIQUE | {"Need": None}
    assert told(lambda: SCHEMA.check_record("Many", record)) == [("/Need", MANDATORY)]


def test_a_record_is_told_apart_by_its_unique_values_only() -> None:
    one = record_identity(MANY, UNIQUE | {"Need": "x"})
    assert one == record_identity(MANY, UNIQUE)
    assert one != record_identity(MANY, UNIQUE | {"A": "b"})
    assert record_identity(MANY, {"A": "a"}) == record_identity(MANY, {"A": "a"})


def test_unique_values_are_the_same_in_a_body_and_in_the_store() -> None:
    [extension] = a_schema({}, many({"A": {"type": "double"}}, "A")).definition.extensions
    stored = record_identity(extension, {"A": Number("1.5")})
    assert record_identity(extension, {"A": 1.5}) == stored
    assert record_identity(extension, {"A": "1.5"}) != stored


def a_renamed_schema(*stored_names: str) -> ProfileSchema:
    extensions = tuple(
        replace(extension, stored_name=stored_name)
        for extension, stored_name in zip(DEFAULT.definition.extensions, stored_names, strict=True)
    )
    return ProfileSchema(replace(DEFAULT.definition, extensions=extensions))


def test_records_are_stored_under_a_name_of_their_own_if_there_is_one() -> None:
    schema = a_renamed_schema("", "Phone#2", "v")
    assert [schema.stored_name(name) for name in schema.extensions] == ["Address", "Phone#2", "v"]
    assert schema.rows == ("Address", "Phone#2", "v")
    assert schema.public_names == {"Address": "Address", "Phone#2": "Phone", "v": "Vip"}


def test_what_is_stored_is_visible_as_it_is_until_an_attribute_is_taken_away() -> None:
    values = {"old": 1}
    assert SCHEMA.visible_attributes(values) is values
    assert SCHEMA.visible_records("Many", values) is values


def test_attributes_that_were_taken_away_are_not_visible() -> None:
    definition = a_definition({"A": {}, "B": {}}, many=many(ATTRIBUTES))
    reduced = ProfileSchema(replace_attributes(definition, listed({"B": {}})))
    assert reduced.visible_attributes({"A": "1", "B": "2"}) == {"B": "2"}
    assert reduced.visible_records("Many", [{"X": 1}]) == [{"X": 1}]


@pytest.mark.parametrize("shape", ["single-valued", "multi-valued"])
def test_attributes_that_were_taken_away_are_not_visible_in_records(shape: str) -> None:
    extension = many(ATTRIBUTES) | {"type": shape}
    definition = a_definition({"A": {}}, many=extension)
    attributes = listed({"A": {}})
    reduced = replace_extension(definition, "Many", extension | {"attributes": attributes})
    schema = ProfileSchema(reduced)
    assert schema.visible_records("Many", {"A": "1", "Size": 2}) == {"A": "1"}
    assert schema.visible_records("Many", [{"Size": 2}, {"A": "1"}]) == [{}, {"A": "1"}]
    assert schema.visible_attributes({"old": 1}) == {"old": 1}


def test_a_schema_knows_its_definition() -> None:
    definition = a_definition({"A": {}})
    assert ProfileSchema(definition).definition is definition


def test_a_repeated_record_is_told_beside_a_faulty_one() -> None:
    body = {"Phone": [{"PhoneNumber": 5}, {"PhoneNumber": "1"}, {"PhoneNumber": "1"}]}
    assert told(lambda: DEFAULT.load(body)) == [
        ("/Phone/0/PhoneNumber", NO_STRING),
        ("/Phone/2", "has the same PhoneNumber as record 1"),
    ]
