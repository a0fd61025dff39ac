"""The forms by which values are looked up, and what a text in a URL means."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.attributes import TYPES, String
from schemas.definition import Attribute
from schemas.document import Number, dump, parse
from schemas.fields import attribute_type
from schemas.phone import canonical_phone

STORED = {
    "string": st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.datetimes().map(lambda moment: moment.isoformat()),
    "currency": st.decimals(allow_nan=False, allow_infinity=False, places=3).map("{:f}".format),
}
STALE = ["a", "", "5", "nan", 5, Number("1.5"), Number("9" * 50), True, [1, "a"], {"a": None}]


def canonical(type_name: str, text: str) -> str:
    """The form of a value that is stored as the JSON ``text``."""
    return TYPES[type_name]().canonical(parse(text.encode()))


@pytest.mark.parametrize(
    ("type_name", "texts", "form"),
    [
        ("string", ['" a B "'], " a B "),
        ("string", ['""'], ""),
        ("integer", ["5"], "5"),
        ("integer", ["-2147483648"], "-2147483648"),
        ("long", ["5"], "5"),
        ("double", ["5", "5.0", "5.00", "0.5e1"], "5.0"),
        ("double", ["0", "0.0", "-0.0", "-0"], "0.0"),
        ("double", ["1e16", "10000000000000000.0"], "1e+16"),
        ("double", ["5e-324"], "5e-324"),
        ("boolean", ["true"], "true"),
        ("boolean", ["false"], "false"),
        ("date", ['"1962-05-10"'], "1962-05-10"),
        ("datetime", ['"2020-01-01T10:00:00.000Z"'], "2020-01-01T10:00:00.000Z"),
        ("currency", ["5", "5.0", '"5"', '"5.00"'], "5"),
        ("currency", ["0", "0.00", "-0", "-0.0", '"-0.00"'], "0"),
        ("currency", ["-12.10", '"-12.1"'], "-12.1"),
        ("currency", ["100", "100.0"], "100"),
        ("currency", ["9" * 38, f'"{"9" * 38}"'], "9" * 38),
    ],
)
def test_all_texts_of_a_value_have_one_form(type_name: str, texts: list[str], form: str) -> None:
    assert {canonical(type_name, text) for text in texts} == {form}


@pytest.mark.parametrize(
    ("type_name", "one", "other"),
    [
        ("string", '"a"', '"A"'),
        ("string", '"5"', '"5.0"'),
        ("double", "0.1", "0.10000000000000002"),
        ("currency", "0.1", "0.10000000000000000001"),
        ("currency", "5", "-5"),
    ],
)
def test_different_values_have_different_forms(type_name: str, one: str, other: str) -> None:
    assert canonical(type_name, one) != canonical(type_name, other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("integer", "long"),
        ("integer", "currency"),
        ("long", "currency"),
        ("date", "string"),
        ("datetime", "string"),
    ],
)
@settings(deadline=None, database=None, max_examples=30)
@given(data=st.data())
def test_a_value_has_the_same_form_under_every_type_it_may_get(
    before: str, after: str, data: st.DataObject
) -> None:
    value = TYPES[before]().stored(data.draw(STORED[before]))
    assert TYPES[after]().stored(value) == value
    assert TYPES[after]().canonical(value) == TYPES[before]().canonical(value)


@pytest.mark.parametrize("type_name", TYPES)
@settings(deadline=None, database=None, max_examples=50)
@given(data=st.data())
def test_a_value_is_found_by_its_text_and_after_it_was_stored(
    type_name: str, data: st.DataObject
) -> None:
    kind = TYPES[type_name]()
    value = kind.stored(data.draw(STORED[type_name]))
    read_back = parse(dump(value))
    text = value if isinstance(value, str) else dump(value).decode()
    assert kind.stored(read_back) == value
    assert kind.stored(value) == value
    assert kind.canonical(read_back) == kind.canonical(value)
    assert kind.canonical(kind.from_text(text)) == kind.canonical(value)


@pytest.mark.parametrize("type_name", TYPES)
@pytest.mark.parametrize("value", STALE, ids=repr)
def test_a_value_that_an_earlier_definition_left_has_a_form_too(
    type_name: str, value: Any
) -> None:
    assert isinstance(TYPES[type_name]().canonical(value), str)


@pytest.mark.parametrize(
    ("type_name", "text", "value"),
    [
        ("string", "", ""),
        ("string", "true", "true"),
        ("integer", "-5", -5),
        ("long", "9223372036854775807", 2**63 - 1),
        ("double", "5", 5.0),
        ("double", "1.5e3", 1500.0),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("date", "1962-05-10", "1962-05-10"),
        ("datetime", "2020-01-01T12:00:00+02:00", "2020-01-01T10:00:00.000Z"),
        ("datetime", "2020-01-01T10:00", "2020-01-01T10:00:00.000Z"),
        ("currency", "5.0", "5.0"),
    ],
)
def test_a_text_means_a_value_of_the_type(type_name: str, text: str, value: Any) -> None:
    assert TYPES[type_name]().from_text(text) == value


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("string", "a\0"),
        ("string", "\ud800"),
        *(("integer", text) for text in ("", "a", "5.0", "05", "+5", " 5", "2147483648", "1e2")),
        *(("long", text) for text in ("", "true", "5.0", "9223372036854775808", "5" * 5000)),
        *(("double", text) for text in ("", "a", ".5", "NaN", "Infinity", "1e400", "true")),
        *(("boolean", text) for text in ("", "True", "1", "yes", "null")),
        *(("date", text) for text in ("", "10.5.1962", "1962-02-30", "1962-05-10T00:00")),
        *(("datetime", text) for text in ("", "1962-05-10", "now")),
        *(("currency", text) for text in ("", "1e2", "5 EUR", "NaN", "+5")),
    ],
)
def test_any_other_text_is_refused(type_name: str, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TYPES[type_name]().from_text(text)
    assert len(caught.value.messages) == 1


def test_a_text_may_be_longer_than_what_can_be_stored() -> None:
    assert String(length=3).from_text("abcd") == "abcd"


@pytest.mark.parametrize(
    ("region", "texts", "form"),
    [
        (None, ["+49 (0)171 123-4567", "+49/171/1234567", "+491711234567"], "+491711234567"),
        ("DE", ["0171 1234567", "0171-123.45.67", "0049 171 1234567"], "+491711234567"),
        ("US", ["(212) 555-1234", "1-212-555-1234", "+1 212.555.1234"], "+12125551234"),
        (None, ["0171 1234567", "(0171) 123-45-67", "01711234567"], "01711234567"),
        ("DE", ["n/a", "n a", "N.A".lower()], "na"),
        ("DE", ["", " - "], ""),
    ],
)
def test_a_telephone_number_has_one_form_for_all_spellings(
    region: str | None, texts: list[str], form: str
) -> None:
    attribute = Attribute(name="A", type="string", normalize="phone", region=region)
    kind = attribute_type(attribute)
    assert {kind.canonical(kind.from_text(text)) for text in texts} == {form}


def test_a_telephone_number_is_stored_as_written() -> None:
    attribute = Attribute(name="A", type="string", normalize="phone", region="DE", length=12)
    assert attribute_type(attribute).stored("0171 1234567") == "0171 1234567"


@pytest.mark.parametrize("value", STALE, ids=repr)
def test_what_is_no_telephone_number_has_a_form_too(value: Any) -> None:
    assert isinstance(String(normalize="phone").canonical(value), str)


@settings(deadline=None, database=None)
@given(st.text() | st.text("+0123456789 ()-./;x#*\uff11\u0661", max_size=300))
def test_every_text_has_a_form_as_a_telephone_number(text: str) -> None:
    for region in (None, "DE", "US"):
        assert isinstance(canonical_phone(text, region), str)


@pytest.mark.parametrize("text", ["1" * 100_000, " " * 100_000, "+" * 100_000, "1 " * 50_000])
def test_a_very_long_text_has_a_form_soon(text: str) -> None:
    assert len(canonical_phone(text, "DE")) <= len(text)
