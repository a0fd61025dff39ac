"""Loading a body with the compiled schema of a definition."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from schemas.document import Number, dump, parse
from schemas.faults import Invalid
from schemas.profile import ProfileContent
from tests.support.creators import EXAMPLE, EXAMPLE_ID
from tests.unit.schemas import DEFAULT, a_schema, many
from tests.unit.told import told

BAD_ID = "must be 1 to 16 of A-Z a-z 0-9 . _ ~ -"
OTHER_ID = "must equal the id in the URL"
UNKNOWN = "is not known here"
NO_STRING = "must be a string"
NO_OBJECT = "must be an object"
NO_INTEGER = "must be a whole number of 32 bits"
NO_DATE = "must be a date, YYYY-MM-DD"
MANDATORY = "is mandatory"


def test_the_documented_example_is_taken_as_it_is() -> None:
    content = DEFAULT.load(EXAMPLE, EXAMPLE_ID)
    address = EXAMPLE["Address"]
    attributes = {name: value for name, value in EXAMPLE.items() if name != "Address"}
    assert content == ProfileContent(None, attributes, {"Address": address})


@pytest.mark.parametrize(
    "body",
    [
        EXAMPLE,
        {"EmailAddress": [], "LastCalledAgent_TimeStamp": "2020-01-01T10:00+02:00"},
        {"Vip": {}, "Phone": {"prefix": None}, "Address": {"City": None}},
        {"Phone": [{"PhoneNumber": "1"}, {}], "Title": None},
    ],
)
def test_what_was_loaded_can_be_put_back_as_it_is(body: dict[str, Any]) -> None:
    first = DEFAULT.load(body)
    answered = parse(dump(first.attributes | (first.extensions or {})))
    assert DEFAULT.load(answered) == first


def test_every_fault_is_told_at_once_in_the_order_of_the_body() -> None:
    body = {
        "customer_id": "not this one",
        "Phone": [{"prefix": "1234", "PhoneType": "0", "x/y": 1}, 5, {"prefix": None}],
        "DOB": "10.5.1962",
        "EmailAddress": ["a", 1, None],
        "Address": {"City": 5, "city": "x"},
        "firstname": "Bruce",
        "Vip": {"since": 1},
    }
    assert told(lambda: DEFAULT.load(body, EXAMPLE_ID)) == [
        ("/customer_id", OTHER_ID),
        ("/customer_id", BAD_ID),
        ("/Phone/0/prefix", "must have at most 3 characters"),
        ("/Phone/0/PhoneType", NO_INTEGER),
        ("/Phone/0/x~1y", UNKNOWN),
        ("/Phone/1", NO_OBJECT),
        ("/DOB", NO_DATE),
        ("/EmailAddress/1", NO_STRING),
        ("/EmailAddress/2", NO_STRING),
        ("/Address/City", NO_STRING),
        ("/Address/city", f"{UNKNOWN}, did you mean City?"),
        ("/firstname", f"{UNKNOWN}, did you mean FirstName?"),
        ("/Vip/since", UNKNOWN),
    ]


@pytest.mark.parametrize("body", [None, [], [{}], "a", 5, True, Number("1.5")])
def test_a_body_must_be_an_object(body: Any) -> None:
    assert told(lambda: DEFAULT.load(body)) == [("", NO_OBJECT)]


@pytest.mark.parametrize(
    ("name", "suggestion"),
    [
        ("firstname", "FirstName"),
        ("FIRSTNAME", "FirstName"),
        ("FristName", "FirstName"),
        ("Emailaddres", "EmailAddress"),
        ("adress", "Address"),
        ("vip", "Vip"),
        ("Customer_ID", "customer_id"),
    ],
)
def test_a_misspelt_name_is_told_with_the_right_one(name: str, suggestion: str) -> None:
    faults = told(lambda: DEFAULT.load({name: "x"}))
    assert faults == [(f"/{name}", f"{UNKNOWN}, did you mean {suggestion}?")]


@pytest.mark.parametrize("name", ["zzz", "9", "x y", "\u00e9"])
def test_a_name_like_no_other_is_told_without_a_suggestion(name: str) -> None:
    assert told(lambda: DEFAULT.load({name: None})) == [(f"/{name}", UNKNOWN)]


def test_after_many_unknown_names_only_the_case_is_suggested() -> None:
    body = {f"unknown{number}": 1 for number in range(20)} | {"LastNam": 1, "lastname": 1}
    assert told(lambda: DEFAULT.load(body))[-2:] == [
        ("/LastNam", UNKNOWN),
        ("/lastname", f"{UNKNOWN}, did you mean LastName?"),
    ]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"": 1}, "/"),
        ({"a/b~c": 1}, "/a~1b~0c"),
        ({"_schema": 1}, "/_schema"),
        ({"Address": {"_schema": 1}}, "/Address/_schema"),
        ({"Phone": [{"_schema": 1}]}, "/Phone/0/_schema"),
    ],
)
def test_an_unusual_name_is_told_with_its_own_place(body: Any, pointer: str) -> None:
    assert told(lambda: DEFAULT.load(body)) == [(pointer, UNKNOWN)]


@pytest.mark.parametrize(
    "customer_id", ["a", "0", "00027a52JCGY000M", "Az.9_~-", "...", ".a", "~", "-"]
)
def test_a_customer_id_within_the_rules_is_taken(customer_id: str) -> None:
    body = {"customer_id": customer_id}
    assert DEFAULT.load(body).customer_id == customer_id
    assert DEFAULT.load(body, customer_id).customer_id == customer_id


@pytest.mark.parametrize(
    "customer_id",
    [
        "",
        "a" * 17,
        ".",
        "..",
        "a b",
        "a/b",
        "a%20b",
        "a\n",
        "\u00e9",
        "\u0661",
        5,
        True,
        [],
        {},
        Number("1.5"),
    ],
)
def test_a_customer_id_against_the_rules_is_refused(customer_id: Any) -> None:
    faults = told(lambda: DEFAULT.load({"customer_id": customer_id}))
    assert faults == [("/customer_id", BAD_ID)]


@pytest.mark.parametrize("customer_id", ["b", "A", "a ", "aa"])
def test_a_customer_id_must_be_the_one_of_the_url(customer_id: str) -> None:
    faults = told(lambda: DEFAULT.load({"customer_id": customer_id}, "a"))
    assert ("/customer_id", OTHER_ID) in faults


@pytest.mark.parametrize("body", [{}, {"customer_id": None}])
def test_a_body_may_leave_its_customer_id_out(body: dict[str, Any]) -> None:
    assert DEFAULT.load(body, "a") == ProfileContent(None, {}, None)


def test_the_order_of_names_is_kept() -> None:
    body = {"Title": "Dr", "EmailAddress": ["b", "a"], "FirstName": "x", "DOB": "2000-01-01"}
    assert list(DEFAULT.load(body).attributes.items()) == list(body.items())
    record = {"City": "x", "Type": 1, "Address": "y"}
    extensions = DEFAULT.load({"Address": record}).extensions
    assert extensions is not None
    assert list(extensions["Address"].items()) == list(record.items())


@pytest.mark.parametrize("value", ["a", ["a"], ["b", "a", "b"], []])
def test_a_scalar_stays_a_scalar_and_an_array_an_array(value: Any) -> None:
    assert DEFAULT.load({"EmailAddress": value}).attributes == {"EmailAddress": value}


def test_a_null_attribute_is_not_stored() -> None:
    body = {"FirstName": None, "EmailAddress": None, "Address": {"Type": None, "City": "x"}}
    assert DEFAULT.load(body) == ProfileContent(None, {}, {"Address": {"City": "x"}})


def test_a_null_among_several_values_is_refused() -> None:
    faults = told(lambda: DEFAULT.load({"EmailAddress": ["a", None]}))
    assert faults == [("/EmailAddress/1", NO_STRING)]


@pytest.mark.parametrize("body", [{}, {"A": None, "B": None, "Many": [{}, {"C": None}]}])
def test_every_missing_mandatory_attribute_is_told(body: dict[str, Any]) -> None:
    mandatory = {"mandatory": True}
    schema = a_schema({"A": mandatory, "B": mandatory}, many({"C": mandatory}))
    places = ["/A", "/B", *(f"/Many/{index}/C" for index, _ in enumerate(body.get("Many", [])))]
    assert told(lambda: schema.load(body)) == [(place, MANDATORY) for place in places]


def test_an_empty_array_is_no_value_of_a_mandatory_attribute() -> None:
    schema = a_schema({"A": {"mandatory": True, "multi_valued": True}})
    assert told(lambda: schema.load({"A": []})) == [("/A", MANDATORY)]


def test_a_default_fills_what_is_left_out_of_a_profile_and_of_each_record() -> None:
    schema = a_schema(
        {"A": {"default": "x"}, "B": {"default": ["y"], "multi_valued": True}},
        many({"C": {"default": "z"}, "D": {}}),
    )
    content = schema.load({"Many": [{"D": "d"}, {"C": "c"}]})
    assert content.attributes == {"A": "x", "B": ["y"]}
    assert content.extensions == {"Many": [{"D": "d", "C": "z"}, {"C": "c"}]}


def test_a_default_fills_what_is_null() -> None:
    schema = a_schema({"A": {"default": "x"}, "B": {}})
    content = schema.load({"B": "b", "A": None})
    assert list(content.attributes.items()) == [("B", "b"), ("A", "x")]


def test_a_default_fills_a_mandatory_attribute() -> None:
    schema = a_schema({"A": {"default": "x", "mandatory": True}})
    assert schema.load({}).attributes == {"A": "x"}


@pytest.mark.parametrize(
    ("type_name", "value"),
    [
        ("datetime", "2020-01-01T10:00:00+02:00"),
        ("double", 1),
        ("double", Number("1.10")),
        ("currency", Number("1.10")),
        ("currency", Number("12345678901234567890123")),
    ],
)
def test_a_default_is_stored_as_the_same_value_in_a_body_is(type_name: str, value: Any) -> None:
    filled = a_schema({"A": {"type": type_name, "default": value}}).load({})
    given = a_schema({"A": {"type": type_name}}).load({"A": value})
    assert dump(filled.attributes) == dump(given.attributes)


def test_numbers_pass_from_a_body_to_the_store_unchanged() -> None:
    schema = a_schema({"A": {"type": "currency"}, "B": {"type": "double"}})
    text = b'{"A":12345678901234567890.10,"B":-0.0}'
    assert dump(schema.load(parse(text)).attributes) == text


@pytest.mark.parametrize(
    "names",
    [
        ["Meta", "fields", "load", "context", "dump"],
        ["opts", "names", "nullable", "validate", "handle_error", "set_class", "unknown"],
        ["field_1", "field_0", "field_2"],
    ],
)
def test_attributes_may_be_called_like_what_marshmallow_has(names: list[str]) -> None:
    attributes: dict[str, dict[str, Any]] = {name: {} for name in names}
    schema = a_schema(attributes, many(attributes))
    body = {name: name.upper() for name in names}
    content = schema.load(body | {"Many": [body]})
    assert content == ProfileContent(None, body, {"Many": [body]})
    wrong: dict[str, Any] = dict.fromkeys(names, 5)
    assert told(lambda: schema.load(wrong)) == [(f"/{name}", NO_STRING) for name in names]


def test_extensions_may_be_called_like_what_marshmallow_has() -> None:
    names = ("Meta", "fields", "load", "context", "dump")
    schema = a_schema({}, *({"name": name, "type": "classifier"} for name in names))
    records: dict[str, Any] = {name: {} for name in names}
    assert schema.load(records).extensions == records


def test_several_threads_use_one_schema() -> None:
    def load(number: int) -> Any:
        good = {"FirstName": str(number), "Phone": [{"PhoneNumber": str(number)}]}
        try:
            return DEFAULT.load(good | {f"x{number}": 1} if number % 2 else good)
        except Invalid as error:
            return [fault.pointer for fault in error.faults]

    def expected(number: int) -> Any:
        record = {"PhoneNumber": str(number), "PhoneType": 0}
        content = ProfileContent(None, {"FirstName": str(number)}, {"Phone": [record]})
        return [f"/x{number}"] if number % 2 else content

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(load, range(400))) == [expected(number) for number in range(400)]
