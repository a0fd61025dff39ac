"""Reading definitions: what is taken, and the place of everything that is wrong."""

from typing import Any

import pytest

from schemas.attributes import TYPES
from schemas.definition import Attribute, Extension, Shape
from schemas.document import Number
from schemas.reader import load_definition
from tests.unit.told import told

BAD_NAME = "must be a letter, then letters, digits or _, at most 26 characters"
TAKEN = "is taken by another attribute, without regard to case"
TAKEN_EXTENSION = "is taken by another attribute or extension"
UNKNOWN = "is not known here"
NO_FLAG = "must be true or false"
NO_STRING = "must be a string"
NO_OBJECT = "must be an object"
NO_LIST = "must be a list"
NO_WHOLE_NUMBER = "must be a whole number"
NO_TYPE = f"must be one of {', '.join(TYPES)}"
NO_SHAPE = "must be one of single-valued, multi-valued, classifier"
MANDATORY = "is mandatory"


def an_attribute(**members: Any) -> dict[str, Any]:
    return {"name": "A", "type": "string"} | members


def an_extension(**members: Any) -> dict[str, Any]:
    return {"name": "E", "type": "multi-valued", "attributes": [an_attribute()]} | members


def read_attribute(**members: Any) -> Attribute:
    return load_definition({"attributes": [an_attribute(**members)]}).attributes[0]


def read_extension(**members: Any) -> Extension:
    definition = {"attributes": [], "extensions": [an_extension(**members)]}
    return load_definition(definition).extensions[0]


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (None, {"": NO_OBJECT}),
        ([], {"": NO_OBJECT}),
        ({}, {"/attributes": MANDATORY}),
        ({"attributes": None}, {"/attributes": NO_LIST}),
        ({"attributes": {}}, {"/attributes": NO_LIST}),
        ({"attributes": [], "extensions": None}, {"/extensions": NO_LIST}),
        ({"attributes": [], "keys": [], "x": 1}, {"/keys": UNKNOWN, "/x": UNKNOWN}),
        (
            {"attributes": [None, 5, {}, an_attribute(), {"name": "B", "typ": "string"}]},
            {
                "/attributes/0": NO_OBJECT,
                "/attributes/1": NO_OBJECT,
                "/attributes/2/name": MANDATORY,
                "/attributes/2/type": MANDATORY,
                "/attributes/4/type": MANDATORY,
                "/attributes/4/typ": f"{UNKNOWN}, did you mean type?",
            },
        ),
        (
            {"attributes": [], "extensions": [{}, "E", an_extension(attributes=[{}])]},
            {
                "/extensions/0/name": MANDATORY,
                "/extensions/0/type": MANDATORY,
                "/extensions/1": NO_OBJECT,
                "/extensions/2/attributes/0/name": MANDATORY,
                "/extensions/2/attributes/0/type": MANDATORY,
            },
        ),
        (
            {"attributes": [an_attribute(type="text")], "extensions": [an_extension(type="x")]},
            {"/attributes/0/type": NO_TYPE, "/extensions/0/type": NO_SHAPE},
        ),
    ],
)
def test_every_fault_of_the_structure_is_told(raw: Any, pointers: dict[str, str]) -> None:
    assert dict(told(lambda: load_definition(raw))) == pointers


@pytest.mark.parametrize(
    ("raw", "pointers"),
    [
        (
            {
                "attributes": [
                    an_attribute(),
                    an_attribute(name="a"),
                    an_attribute(name="Customer_Id"),
                    an_attribute(name="B", type="long", normalize="phone"),
                    an_attribute(name="C", type="long", default="5"),
                ],
                "extensions": [
                    an_extension(attributes=[an_attribute(), an_attribute(name="a")]),
                    an_extension(name="e"),
                    an_extension(name="A"),
                    an_extension(name="CUSTOMER_ID"),
                ],
            },
            {
                "/attributes/1/name": TAKEN,
                "/attributes/2/name": TAKEN,
                "/attributes/3/normalize": "is for strings only",
                "/attributes/4/default": "must be a whole number of 64 bits",
                "/extensions/0/attributes/1/name": TAKEN,
                "/extensions/1/name": TAKEN_EXTENSION,
                "/extensions/2/name": TAKEN_EXTENSION,
                "/extensions/3/name": TAKEN_EXTENSION,
            },
        ),
        (
            {
                "attributes": [],
                "extensions": [
                    an_extension(unique=["B", "A", "a", "A"]),
                    an_extension(name="F", type="single-valued", unique=["A"]),
                    an_extension(name="G", type="classifier"),
                    an_extension(name="H", attributes=[]),
                    {"name": "I", "type": "single-valued"},
                ],
            },
            {
                "/extensions/0/unique/0": "is no attribute of this extension",
                "/extensions/0/unique/2": "is no attribute of this extension",
                "/extensions/0/unique/3": "is given more than once",
                "/extensions/1/unique": "is for multi-valued extensions only",
                "/extensions/2/attributes": "must be left out, a classifier has no attributes",
                "/extensions/3/attributes": "must hold at least one attribute",
                "/extensions/4/attributes": "must hold at least one attribute",
            },
        ),
    ],
)
def test_every_breach_of_a_rule_between_parts_is_told(raw: Any, pointers: dict[str, str]) -> None:
    assert dict(told(lambda: load_definition(raw))) == pointers


@pytest.mark.parametrize(
    "name", ["", "9a", "_a", "a b", "a-b", "a.b", "é", "a" * 27, "a\n", "customer id"]
)
def test_a_name_against_the_rules_is_refused(name: str) -> None:
    faults = told(lambda: read_attribute(name=name))
    assert faults == [("/attributes/0/name", BAD_NAME)]


@pytest.mark.parametrize("name", ["a", "Z9_", "a" * 26, "Meta", "fields", "load"])
def test_a_name_within_the_rules_is_taken_as_it_is(name: str) -> None:
    assert read_attribute(name=name).name == name
    assert read_extension(name=name).name == name


@pytest.mark.parametrize("type_name", TYPES)
def test_a_type_is_named_in_any_case(type_name: str) -> None:
    assert read_attribute(type=type_name).type == type_name
    assert read_attribute(type=type_name.upper()).type == type_name
    assert read_attribute(type=type_name.title()).type == type_name


@pytest.mark.parametrize("shape", Shape)
def test_a_shape_is_named_in_any_case(shape: Shape) -> None:
    attributes = [] if shape is Shape.CLASSIFIER else [an_attribute()]
    read = read_extension(type=shape.upper(), attributes=attributes)
    assert read.type is shape


@pytest.mark.parametrize("flag", ["mandatory", "multi_valued", "sensitive"])
@pytest.mark.parametrize(
    ("raw", "value"), [(True, True), (False, False), ("true", True), ("false", False)]
)
def test_a_flag_is_true_or_false_also_as_a_string(flag: str, raw: Any, value: bool) -> None:
    assert getattr(read_attribute(**{flag: raw}), flag) is value


@pytest.mark.parametrize("flag", ["mandatory", "multi_valued", "sensitive"])
@pytest.mark.parametrize("raw", [None, 0, 1, "yes", "", [], {}, Number("1.0")])
def test_a_flag_is_nothing_else(flag: str, raw: Any) -> None:
    assert told(lambda: read_attribute(**{flag: raw})) == [(f"/attributes/0/{flag}", NO_FLAG)]


@pytest.mark.parametrize("raw", ["5.0", "05", "0", "", True, Number("5.0"), [], {}])
def test_a_length_is_a_whole_number(raw: Any) -> None:
    faults = told(lambda: read_attribute(length=raw))
    assert faults == [("/attributes/0/length", NO_WHOLE_NUMBER)]


def test_a_length_may_be_told_as_a_string_and_of_any_type() -> None:
    assert read_attribute(length="5") == Attribute(name="A", type="string", length=5)
    assert read_attribute(type="integer", length=5).length == 5


@pytest.mark.parametrize("raw", [0, -1])
def test_a_length_is_at_least_one(raw: int) -> None:
    faults = told(lambda: read_attribute(length=raw))
    assert faults == [("/attributes/0/length", "must be at least 1")]


def test_what_is_left_out_has_its_documented_value() -> None:
    assert read_attribute() == Attribute(name="A", type="string")
    nothing = dict.fromkeys(("length", "default", "normalize", "region"))
    assert read_attribute(**nothing) == Attribute(name="A", type="string")
    assert read_extension(type="classifier", attributes=[]).unique == ()


@pytest.mark.parametrize(
    ("type_name", "default"),
    [
        ("string", ""),
        ("integer", 0),
        ("boolean", False),
        ("date", "1962-05-10"),
        ("currency", "12.10"),
        ("currency", Number("12.10")),
    ],
)
def test_a_default_that_fits_its_type_is_taken(type_name: str, default: Any) -> None:
    assert read_attribute(type=type_name, default=default).default == default


@pytest.mark.parametrize(
    ("type_name", "default", "message"),
    [
        ("string", 5, NO_STRING),
        ("string", ["a"], NO_STRING),
        ("integer", "5", "must be a whole number of 32 bits"),
        ("integer", 2**31, "must be a whole number of 32 bits"),
        ("date", "10.5.1962", "must be a date, YYYY-MM-DD"),
    ],
)
def test_a_default_that_does_not_fit_is_refused(
    type_name: str, default: Any, message: str
) -> None:
    faults = told(lambda: read_attribute(type=type_name, default=default))
    assert faults == [("/attributes/0/default", message)]


def test_a_default_must_fit_its_length() -> None:
    faults = told(lambda: read_attribute(default="abc", length=2))
    assert faults == [("/attributes/0/default", "must have at most 2 characters")]


def test_every_faulty_value_of_a_default_is_told() -> None:
    faults = told(lambda: read_attribute(default=["a", 1, "b", True], multi_valued=True))
    places = ("/attributes/0/default/1", "/attributes/0/default/3")
    assert faults == [(place, NO_STRING) for place in places]


def test_a_telephone_number_may_have_a_country() -> None:
    assert read_attribute(normalize="phone").normalize == "phone"
    read = read_attribute(normalize="PHONE", region="DE")
    assert (read.normalize, read.region) == ("phone", "DE")


@pytest.mark.parametrize("raw", ["email", "", 5])
def test_only_telephone_numbers_are_normalized(raw: Any) -> None:
    message = NO_STRING if raw == 5 else "must be one of phone"
    faults = told(lambda: read_attribute(normalize=raw))
    assert faults == [("/attributes/0/normalize", message)]


@pytest.mark.parametrize("raw", ["de", "DEU", "ZZ", "001", "", "D\n"])
def test_a_country_is_two_capital_letters(raw: str) -> None:
    faults = told(lambda: read_attribute(normalize="phone", region=raw))
    message = "must be the two capital letters of a country (ISO 3166)"
    assert faults == [("/attributes/0/region", message)]


def test_what_is_for_telephone_numbers_is_refused_elsewhere() -> None:
    strings = "is for strings only"
    attributes = [
        an_attribute(type="long", normalize="phone", region="DE", default="x"),
        an_attribute(name="B", region="DE"),
        an_attribute(name="C", type="long", normalize="phone", length=3),
    ]
    assert told(lambda: load_definition({"attributes": attributes})) == [
        ("/attributes/0/normalize", strings),
        ("/attributes/1/region", "is for attributes with normalize only"),
        ("/attributes/2/normalize", strings),
    ]


def test_a_text_that_no_store_can_keep_is_refused() -> None:
    message = "must not hold U+0000 or a lone surrogate"
    faults = told(lambda: read_attribute(description="\ud800"))
    assert faults == [("/attributes/0/description", message)]


@pytest.mark.parametrize("name", ["profile", "Profile"])
def test_an_extension_is_not_called_as_keys_call_the_profile(name: str) -> None:
    faults = told(lambda: read_extension(name=name))
    message = "is reserved: a key with this source means the profile"
    assert faults == [("/extensions/0/name", message)]
