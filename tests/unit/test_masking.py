"""Masks: what is shown of a sensitive value, and what is taken for a mask."""

from typing import Any

import pytest

from schemas.attribute_type import MASK
from schemas.attributes import TYPES
from schemas.definition import Definition
from schemas.document import dump, parse
from schemas.identity import IdentitySchema, WrongCriteria
from schemas.masking import Masking
from schemas.profile import ProfileSchema
from tests.unit.schemas import a_definition, a_schema, many
from tests.unit.told import told

SENSITIVE: dict[str, Any] = {"sensitive": True}
SEVERAL = SENSITIVE | {"multi_valued": True}
SINGLE = {
    "name": "One",
    "type": "single-valued",
    "attributes": [{"name": "C", "type": "date", **SENSITIVE}, {"name": "d", "type": "string"}],
}
REFUSED = (
    "is a mask, not the value: send the value itself, or leave it as it is with a PATCH or an"
    " update of a record that does not name it"
)


def definition() -> Definition:
    records = many({"B": SENSITIVE, "Y": {}}, "B")
    return a_definition({"A": SENSITIVE, "L": SEVERAL, "X": {}}, many=records)


def schema_of(type_name: str) -> ProfileSchema:
    return a_schema({"A": SEVERAL | {"type": type_name}, "B": SENSITIVE | {"type": type_name}})


@pytest.mark.parametrize(
    ("type_name", "value", "shown"),
    [
        ("string", "12345678", "••••5678"),
        ("string", "1234567", "••••"),
        ("string", "", "••••"),
        ("string", 12345678, "••••"),
        ("integer", 123456789, "••••"),
        ("long", 12345678901, "••••"),
        ("double", 1.25, "••••"),
        ("boolean", True, "••••"),
        ("date", "1962-05-10", "••••-••-••"),
        ("datetime", "1962-05-10T00:00:00.000Z", "••••"),
        ("currency", "12345678.00", "••••"),
    ],
)
def test_every_type_has_a_masked_form(type_name: str, value: Any, shown: str) -> None:
    kind = TYPES[type_name](sensitive=True)
    assert kind.masked(value) == shown
    assert kind.masked(shown) == shown


@pytest.mark.parametrize("type_name", TYPES)
def test_a_mask_is_no_value_of_a_sensitive_attribute(type_name: str) -> None:
    schema, shown = schema_of(type_name), TYPES[type_name]().masked("12345678")
    assert told(lambda: schema.load({"A": shown, "B": shown})) == [
        ("/A", REFUSED),
        ("/B", REFUSED),
    ]
    assert told(lambda: schema.load({"A": [shown, MASK]})) == [
        ("/A/0", REFUSED),
        ("/A/1", REFUSED),
    ]


def test_text_that_only_has_dots_somewhere_is_a_value() -> None:
    body = {"A": ["•••", "1••••"], "B": "• ••••"}
    assert schema_of("string").load(body).attributes == body


def test_what_looks_like_a_mask_is_a_value_where_nothing_is_masked() -> None:
    schema = a_schema({"A": {"multi_valued": True}}, many({"B": {}}, "B"))
    body = {"A": [MASK, "••••1234"], "Many": [{"B": MASK}]}
    content = schema.load(body)
    assert content.attributes | (content.extensions or {}) == body


def test_a_mask_is_refused_in_every_body_about_records() -> None:
    schema = ProfileSchema(definition())
    assert told(lambda: schema.load({"Many": {"B": MASK}})) == [("/Many/0/B", REFUSED)]
    assert told(lambda: schema.load_extensions({"Many": [{"B": MASK}]})) == [
        ("/Many/0/B", REFUSED)
    ]
    assert told(lambda: schema.load_records("Many", [{"B": MASK}])) == [("/0/B", REFUSED)]
    assert told(lambda: schema.load_partial("Many", {"B": MASK})) == [("/B", REFUSED)]
    assert told(lambda: schema.unique_part("Many", {"B": MASK})) == [("/B", REFUSED)]
    assert told(lambda: schema.check_record("Many", {"B": MASK})) == [("/B", REFUSED)]
    other = ProfileSchema(a_definition({}, many=many({"A": {}, "B": SENSITIVE}, "A")))
    assert told(lambda: other.load_partial("Many", {"A": MASK, "B": MASK})) == [("/B", REFUSED)]
    assert other.unique_part("Many", {"A": MASK, "B": MASK}) == {"A": MASK}


def test_a_mask_is_no_default_of_a_sensitive_attribute() -> None:
    faults = told(lambda: a_schema({"A": SENSITIVE | {"default": MASK}}))
    assert faults == [("/attributes/0/default", REFUSED)]


def test_nobody_is_looked_for_by_a_mask() -> None:
    with pytest.raises(WrongCriteria) as caught:
        IdentitySchema(definition()).criteria([("A", "••••1234"), ("Many.B", MASK), ("X", MASK)])
    assert caught.value.faults == {"A": REFUSED, "Many.B": REFUSED}


def test_sensitive_values_are_masked_and_the_others_kept_as_they_are_written() -> None:
    masking = Masking(definition())
    attributes = dump({"X": "12345678", "A": "12345678", "L": ["1", "1234567890"]})
    assert parse(masking.attributes(attributes)) == {
        "X": "12345678",
        "A": "••••5678",
        "L": ["••••", "••••7890"],
    }
    records = dump([{"B": "12345678", "Y": "x"}, {"Y": "y"}])
    assert parse(masking.records("Many", records)) == [{"B": "••••5678", "Y": "x"}, {"Y": "y"}]
    numbers = b'{"X":1.10,"A":"12345678","Z":-0}'
    assert masking.attributes(numbers) == '{"X":1.10,"A":"••••5678","Z":-0}'.encode()


def test_a_single_record_is_masked_too() -> None:
    masking = ProfileSchema(a_schema({}, SINGLE).definition).masking
    shown = parse(masking.records("One", dump({"C": "1962-05-10", "d": "x"})))
    assert shown == {"C": "••••-••-••", "d": "x"}


def test_text_that_can_hold_nothing_sensitive_is_not_read() -> None:
    unread = b"not even JSON"
    plain = Masking(a_definition({"X": {}}, many=many({"Y": {}})))
    assert plain.attributes(unread) is unread
    assert plain.records("Many", unread) is unread
    partly = Masking(a_definition({"X": {}}, many=many({"Y": SENSITIVE})))
    assert partly.attributes(unread) is unread


@pytest.mark.parametrize(
    ("path", "concerned"),
    [
        ("", True),
        ("A", True),
        ("A/0", True),
        ("L/-", True),
        ("X", False),
        ("nope", False),
        ("Many", True),
        ("Many/0", True),
        ("Many/0/B", True),
        ("Many/0/B/0", True),
        ("Many/0/Y", False),
        ("One", True),
        ("One/C", True),
        ("One/d", False),
    ],
)
def test_a_path_concerns_what_it_leads_to_into_or_above(path: str, concerned: bool) -> None:
    records = many({"B": SENSITIVE, "Y": {}})
    schema = a_schema({"A": SENSITIVE, "L": SEVERAL, "X": {}}, records, SINGLE)
    assert schema.masking.concerns(path.split("/") if path else []) is concerned


def test_no_path_concerns_anything_where_nothing_is_sensitive() -> None:
    masking = Masking(a_definition({"X": {}}, many=many({"Y": {}})))
    assert not any(masking.concerns(path) for path in ([], ["X"], ["Many"], ["Many", "0", "Y"]))


def test_an_attribute_of_an_extension_may_have_a_list_as_default() -> None:
    schema = a_schema({}, many({"B": {"multi_valued": True, "default": ["x", "y"]}}))
    assert schema.load_records("Many", [{}]) == [{"B": ["x", "y"]}]
