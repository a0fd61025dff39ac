"""The eight attribute types: what each takes, how that is kept, and what it refuses.

Values are given and compared as JSON text, so that no number is rounded on the way.
"""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.attributes import TYPES, String
from schemas.definition import Attribute
from schemas.document import Number, dump, parse
from schemas.fields import attribute_field, load_each

NO_INTEGER = "must be a whole number of 32 bits"
NO_LONG = "must be a whole number of 64 bits"
NO_DATE = "must be a date, YYYY-MM-DD"
NO_DATETIME = "must be a date and time, YYYY-MM-DDTHH:MM:SS.sssZ"
NO_CURRENCY = "must be a decimal without exponent, of at most 38 digits"
NO_DOUBLE = "is out of the range of a 64 bit float"
INEXACT = "is not exact as a 64 bit float"

JSON_SAMPLES = ('"a"', '"5"', '"true"', "5", "1.5", "true", "false", "null", "[]", '["a"]', "{}")
TAKEN_SAMPLES = {
    "string": {'"a"', '"5"', '"true"'},
    "integer": {"5"},
    "long": {"5"},
    "double": {"5", "1.5"},
    "boolean": {"true", "false"},
    "date": set[str](),
    "datetime": set[str](),
    "currency": {'"5"', "5", "1.5"},
}


def stored(type_name: str, text: str) -> str:
    """The JSON text of what the type keeps of the JSON value ``text``."""
    return dump(TYPES[type_name]().stored(parse(text.encode()))).decode()


def refusal(type_name: str, text: str) -> list[str]:
    with pytest.raises(ValidationError) as caught:
        stored(type_name, text)
    return [str(message) for message in caught.value.messages]


def test_there_are_just_the_documented_types() -> None:
    assert TYPES.keys() == TAKEN_SAMPLES.keys()


@pytest.mark.parametrize(
    ("type_name", "text"),
    [(name, text) for name in TYPES for text in JSON_SAMPLES if text not in TAKEN_SAMPLES[name]],
)
def test_a_value_of_another_json_type_is_refused(type_name: str, text: str) -> None:
    assert len(refusal(type_name, text)) == 1


@pytest.mark.parametrize(
    ("type_name", "text"),
    [
        ("string", '""'),
        ("string", '"  a\\n"'),
        ("string", '"é\U0001f600"'),
        ("integer", "0"),
        ("integer", "2147483647"),
        ("integer", "-2147483648"),
        ("long", "2147483648"),
        ("long", "9223372036854775807"),
        ("long", "-9223372036854775808"),
        ("boolean", "true"),
        ("boolean", "false"),
        ("date", '"1962-05-10"'),
        ("date", '"2024-02-29"'),
        ("date", '"0001-01-01"'),
        ("date", '"9999-12-31"'),
        ("datetime", '"2024-02-29T23:59:59.999Z"'),
        ("currency", "5"),
        ("currency", "12.10"),
        ("currency", "-0.00"),
        ("currency", "-0"),
        ("currency", "0.1000000000000000055511151231257827021"),
        ("currency", '"12.10"'),
        ("currency", '"-0"'),
        ("currency", "9223372036854775807"),
        ("currency", "-9223372036854775808"),
        ("currency", "9223372036854775808"),
        ("currency", "99999999999999999999"),
        ("currency", "9" * 38),
        ("currency", "-" + "9" * 36 + ".99"),
        ("currency", f'"{"9" * 38}"'),
    ],
)
def test_a_value_is_kept_as_written(type_name: str, text: str) -> None:
    assert stored(type_name, text) == text


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0", "0.0"),
        ("5", "5.0"),
        ("1.10", "1.1"),
        ("-0.0", "-0.0"),
        ("1e2", "100.0"),
        ("9007199254740992", "9007199254740992.0"),
        ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("5e-324", "5e-324"),
    ],
)
def test_a_double_is_kept_as_a_binary_float(text: str, kept: str) -> None:
    assert stored("double", text) == kept


@settings(deadline=None, database=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_is_kept_exactly(number: float) -> None:
    assert repr(TYPES["double"]().stored(Number(repr(number)))) == repr(number)


@pytest.mark.parametrize(
    ("type_name", "text", "message"),
    [
        ("string", r'"a\u0000b"', "must not hold U+0000 or a lone surrogate"),
        ("string", r'"\ud800"', "must not hold U+0000 or a lone surrogate"),
        ("integer", "2147483648", NO_INTEGER),
        ("integer", "-2147483649", NO_INTEGER),
        ("integer", "5.0", NO_INTEGER),
        ("integer", "1e2", NO_INTEGER),
        ("integer", "1" * 50, NO_INTEGER),
        ("long", "9223372036854775808", NO_LONG),
        ("long", "-9223372036854775809", NO_LONG),
        ("long", "5.0", NO_LONG),
        ("long", "1" * 50, NO_LONG),
        ("double", "1e400", NO_DOUBLE),
        ("double", "-1e309", NO_DOUBLE),
        ("double", "1" * 400, NO_DOUBLE),
        ("double", "9007199254740993", INEXACT),
        ("double", "1" * 40, INEXACT),
        ("double", "1" * 41, INEXACT),
        ("boolean", "0", "must be true or false"),
        ("boolean", "1", "must be true or false"),
        ("date", '"2023-02-29"', NO_DATE),
        ("date", '"2023-13-01"', NO_DATE),
        ("date", '"0000-01-01"', NO_DATE),
        ("date", '"10000-01-01"', NO_DATE),
        ("date", '"2023-1-1"', NO_DATE),
        ("date", '"20230101"', NO_DATE),
        ("date", '"2023-W01-1"', NO_DATE),
        ("date", '"2023-01-01T00:00:00Z"', NO_DATE),
        ("date", r'"2023-01-01\n"', NO_DATE),
        ("date", '" 2023-01-01"', NO_DATE),
        ("date", '"\u0662\u0660\u0662\u0663-\u0660\u0661-\u0660\u0661"', NO_DATE),
        ("date", '""', NO_DATE),
        ("datetime", '"2024-01-01T00:00:00+01:60"', NO_DATETIME),
        ("datetime", '"2024-01-01T00:00:00+0199"', NO_DATETIME),
        ("datetime", '"2024-01-01T00:00:00+24:00"', NO_DATETIME),
        ("datetime", '"2024-01-01T24:00:00Z"', NO_DATETIME),
        ("currency", "1e2", NO_CURRENCY),
        ("currency", '"1e2"', NO_CURRENCY),
        ("currency", "9" * 39, NO_CURRENCY),
        ("currency", "9" * 50, NO_CURRENCY),
        ("currency", "0." + "1" * 38, NO_CURRENCY),
        ("currency", '"+5"', NO_CURRENCY),
        ("currency", '"05"', NO_CURRENCY),
        ("currency", '".5"', NO_CURRENCY),
        ("currency", '"5."', NO_CURRENCY),
        ("currency", '" 5"', NO_CURRENCY),
        ("currency", r'"5\n"', NO_CURRENCY),
        ("currency", '"1,5"', NO_CURRENCY),
        ("currency", '"5 EUR"', NO_CURRENCY),
        ("currency", '"-"', NO_CURRENCY),
        ("currency", '""', NO_CURRENCY),
        ("currency", '"NaN"', NO_CURRENCY),
        ("currency", '"\u0665"', NO_CURRENCY),
    ],
)
def test_a_value_against_the_rules_of_its_type_is_refused(
    type_name: str, text: str, message: str
) -> None:
    assert refusal(type_name, text) == [message]


@pytest.mark.parametrize("text", ["", "ab", "abc", "\U0001f600é\U0001f600"])
def test_a_length_counts_characters(text: str) -> None:
    assert String(length=3).stored(text) == text


@pytest.mark.parametrize("text", ["abcd", "\U0001f600" * 4, "e\u0301e\u0301"])
def test_a_string_over_its_length_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="must have at most 3 characters"):
        String(length=3).stored(text)


@pytest.mark.parametrize("value", ["a", ["a"], ["b", "a", "b"], []])
def test_several_values_are_kept_as_a_scalar_or_an_array(value: Any) -> None:
    assert _several("string").deserialize(value) == value


def test_each_of_several_values_is_kept_as_its_type_keeps_it() -> None:
    moments = ["2020-01-01T10:00:00+02:00", "2020-01-01T10:00"]
    kept = ["2020-01-01T08:00:00.000Z", "2020-01-01T10:00:00.000Z"]
    assert _several("datetime").deserialize(moments) == kept


def test_every_faulty_one_of_several_values_is_told() -> None:
    with pytest.raises(ValidationError) as caught:
        _several("integer").deserialize([1, "2", 3, None, [4]])
    assert caught.value.messages == {index: [NO_INTEGER] for index in (1, 3, 4)}


def test_an_empty_array_is_no_value_of_a_mandatory_attribute() -> None:
    with pytest.raises(ValidationError, match="is mandatory"):
        _several("string", mandatory=True).deserialize([])


@pytest.mark.parametrize("value", [[], ["a"]])
def test_a_single_valued_attribute_takes_no_array(value: list[str]) -> None:
    with pytest.raises(ValidationError, match="must be a string"):
        attribute_field(Attribute(name="a", type="string")).deserialize(value)


def test_loading_each_tells_the_index_of_every_fault() -> None:
    def load(value: int) -> int:
        if value % 2:
            raise ValidationError("is odd")
        return value * 10

    assert load_each([2, 4], load) == [20, 40]
    with pytest.raises(ValidationError) as caught:
        load_each([1, 2, 3], load)
    assert caught.value.messages == {0: ["is odd"], 2: ["is odd"]}


def _several(type_name: str, *, mandatory: bool = False) -> Any:
    attribute = Attribute(name="a", type=type_name, multi_valued=True, mandatory=mandatory)
    return attribute_field(attribute)
