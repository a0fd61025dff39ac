"""What a text can hide from a reader of JSON is told like every other fault of a body."""

import pytest

from schemas.document import parse
from tests.unit.schemas import DEFAULT
from tests.unit.told import told

REPEATED = "is given more than once"
UNKNOWN = "is not known here"
BAD_CHARACTER = "must not hold U+0000 or a lone surrogate"
NO_DATE = "must be a date, YYYY-MM-DD"
NO_STRING = "must be a string"
NO_OBJECT = "must be an object"


def faults(text: bytes) -> list[tuple[str, str]]:
    return told(lambda: DEFAULT.load(parse(text)))


@pytest.mark.parametrize(
    ("text", "pointers"),
    [
        (b'{"FirstName": "a", "FirstName": "a"}', ["/FirstName"]),
        (b'{"FirstName": null, "FirstName": null}', ["/FirstName"]),
        (rb'{"FirstName": "a", "First\u004eame": "b"}', ["/FirstName"]),
        (b'{"Title": "a", "DOB": null, "Title": "b", "DOB": null}', ["/Title", "/DOB"]),
        (b'{"customer_id": "a", "customer_id": "a"}', ["/customer_id"]),
        (b'{"Vip": {}, "Vip": {}}', ["/Vip"]),
        (b'{"Address": {"City": "a", "City": "a"}}', ["/Address/City"]),
        (
            b'{"Phone": [{}, {"prefix": "1", "prefix": "2", "PhoneNumber": "1"}]}',
            ["/Phone/1/prefix"],
        ),
        (b'{"Phone": {"prefix": "1", "prefix": "2"}}', ["/Phone/0/prefix"]),
    ],
)
def test_every_repeated_name_is_told(text: bytes, pointers: list[str]) -> None:
    assert faults(text) == [(pointer, REPEATED) for pointer in pointers]


def test_a_repeated_name_is_told_beside_its_other_fault() -> None:
    text = b'{"_schema": 1, "_schema": 2, "Vip": {"a/b": 1, "a/b": 2}, "DOB": 1, "DOB": 1}'
    assert faults(text) == [
        ("/_schema", UNKNOWN),
        ("/_schema", REPEATED),
        ("/Vip/a~1b", UNKNOWN),
        ("/Vip/a~1b", REPEATED),
        ("/DOB", NO_DATE),
        ("/DOB", REPEATED),
    ]


@pytest.mark.parametrize("character", [r"\u0000", r"\ud800", r"\uDFFF", r"\udfff\ud800"])
def test_a_character_that_cannot_be_stored_is_told(character: str) -> None:
    body = '{"FirstName": "x%s", "EmailAddress": ["a", "%s"], "Address": {"City": "%s"}}'
    places = ("/FirstName", "/EmailAddress/1", "/Address/City")
    assert faults((body % ((character,) * 3)).encode()) == [
        (place, BAD_CHARACTER) for place in places
    ]


def test_an_escaped_pair_of_surrogates_is_a_character_like_any_other() -> None:
    content = DEFAULT.load(parse(rb'{"FirstName": "\ud83d\ude00"}'))
    assert content.attributes == {"FirstName": "\U0001f600"}


@pytest.mark.parametrize("name", ["customer_id", "DOB", "LastCalledAgent_TimeStamp", "Phone"])
def test_a_lone_surrogate_is_no_value_of_another_type(name: str) -> None:
    ((pointer, _),) = faults(b'{"%s": "\\ud800"}' % name.encode())
    assert pointer == f"/{name}"


@pytest.mark.parametrize(
    ("text", "pointer"),
    [
        (rb'{"\ud800": 1}', r"/\ud800"),
        (rb'{"FirstName\udfff": 1}', r"/FirstName\udfff"),
        (rb'{"Address": {"\u0000": 1}}', "/Address/\0"),
    ],
)
def test_a_name_with_such_a_character_is_told_readably(text: bytes, pointer: str) -> None:
    ((told_pointer, message),) = faults(text)
    assert told_pointer == pointer
    assert message.startswith(UNKNOWN)
