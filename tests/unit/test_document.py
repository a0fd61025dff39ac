"""JSON text to values and back: nothing is lost, changed or invented on the way."""

import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.document import MAX_DEPTH, Number, Repeating, dump, parse, splice
from tests.unit.told import told

DECIMAL = re.compile(
    r"-?(0|[1-9]\d{0,25})(\.\d{1,25}([eE][+-]?\d{1,4})?|[eE][+-]?\d{1,4})", re.ASCII
)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.from_regex(DECIMAL, fullmatch=True).map(Number)
    | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=25
)
TOO_DEEP = f"is nested deeper than {MAX_DEPTH} levels"


@settings(deadline=None, database=None)
@given(VALUES)
def test_what_is_written_is_read_back(value: Any) -> None:
    read = parse(dump(value))
    assert read == value
    assert repr(read) == repr(value)


@pytest.mark.parametrize(
    "text",
    [
        "0",
        "-1",
        "18446744073709551615",
        "-9223372036854775808",
        "123456789012345678901234567890",
        "1" * 40,
        "1" * 41,
        "-" + "9" * 5000,
        "1.10",
        "-0.0",
        "1e400",
        "1E-400",
        "0.1000000000000000055511151231257827",
    ],
)
def test_a_number_is_written_as_it_was_read(text: str) -> None:
    assert dump(parse(text.encode())).decode() == text


@pytest.mark.parametrize("text", ["1.10", "-0.0", "1e400", "1E+2", "5.0", "1" * 5000])
def test_decimals_and_very_long_numbers_keep_their_text(text: str) -> None:
    assert parse(text.encode()) == Number(text)


@pytest.mark.parametrize("number", [0, -1, 2**63 - 1, -(2**63)])
def test_whole_numbers_of_64_bits_are_numbers(number: int) -> None:
    assert parse(str(number).encode()) == number


def test_kept_numbers_are_equal_by_their_text() -> None:
    assert Number("1.0") == Number("1.0")
    assert hash(Number("1.0")) == hash(Number("1.0"))
    assert Number("1.0") != Number("1.00")
    assert Number("1.0") != 1.0


def test_the_order_of_names_is_kept() -> None:
    assert list(parse(b'{"b": 1, "a": 2, "c": 3}')) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (b'{"a": 1, "a": 1}', ("a",)),
        (rb'{"a": 1, "\u0061": 2}', ("a",)),
        (b'{"b": 1, "a": 1, "c": 1, "a": 2, "b": 2, "a": 3}', ("b", "a")),
        (b'{"": 1, "": 2}', ("",)),
    ],
)
def test_repeated_names_stay_visible(text: bytes, names: tuple[str, ...]) -> None:
    for value in (parse(text), parse(b'[{"x": %s}]' % text)[0]["x"]):
        assert isinstance(value, Repeating)
        assert value.names == names


def test_names_that_differ_or_stand_apart_do_not_repeat() -> None:
    value = parse(b'{"a": {"a": 1}, "A": [{"a": 1}, {"a": 1}]}')
    objects = [value, value["a"], *value["A"]]
    assert [type(each) for each in objects] == [dict] * 4


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity"])
@pytest.mark.parametrize("place", ["%s", "[%s]", '{"a": [{"b": %s}]}', '{"a": 1, "a": %s}'])
def test_what_is_no_json_number_is_no_json(text: str, place: str) -> None:
    assert told(lambda: parse((place % text).encode())) == [
        ("", f"is not valid JSON: {text} is no number of it")
    ]


def test_an_escaped_pair_of_surrogates_is_one_character() -> None:
    assert parse(rb'{"\ud83d\ude00": "\uD83D\uDE00"}') == {"\U0001f600": "\U0001f600"}


@pytest.mark.parametrize(
    ("text", "position"),
    [
        (b"", "line 1, column 1"),
        (b" ", "line 1, column 2"),
        (b"[1,]", "line 1, column 4"),
        (b'{"a": 1,\n "b"}', "line 2, column 5"),
        (b"{'a': 1}", "line 1, column 2"),
        (b"[01]", "line 1, column 3"),
        (b"[+1]", "line 1, column 2"),
        (b"[.5]", "line 1, column 2"),
        (b"[5.]", "line 1, column 3"),
        (b"nan", "line 1, column 1"),
        (b"{} {}", "line 1, column 4"),
        (b'"a\tb"', "line 1, column 3"),
        (rb'"\x41"', "line 1, column 2"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        ("[\u0661]".encode(), "line 1, column 2"),
    ],
)
def test_text_that_is_no_json_is_told_with_its_position(text: bytes, position: str) -> None:
    (pointer, message), *others = told(lambda: parse(text))
    assert pointer == ""
    assert message.startswith(f"is not valid JSON at {position}: ")
    assert others == []


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (b"\xff", 0),
        (b'{"a": "\xc3"}', 7),
        (b'"\xed\xa0\x80"', 1),
        (b'"\xc0\xaf"', 1),
        (b'"\xf4\x90\x80\x80"', 1),
    ],
)
def test_invalid_utf_8_is_told_with_its_place(text: bytes, place: int) -> None:
    assert told(lambda: parse(text)) == [("", f"is not valid UTF-8 at byte {place}")]


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}")])
def test_as_many_levels_as_allowed_are_read(opening: bytes, closing: bytes) -> None:
    text = opening * (MAX_DEPTH - 1) + b"[]" + closing * (MAX_DEPTH - 1)
    assert dump(parse(text)) == text


@pytest.mark.parametrize("levels", [MAX_DEPTH + 1, 500])
@pytest.mark.parametrize(("step", "opening", "closing"), [("/0", "[", "]"), ("/a", '{"a":', "}")])
def test_too_many_levels_are_told_with_their_place(
    step: str, opening: str, closing: str, levels: int
) -> None:
    text = opening * (levels - 1) + "[]" + closing * (levels - 1)
    assert told(lambda: parse(text.encode())) == [(step * MAX_DEPTH, TOO_DEEP)]


@pytest.mark.parametrize("closing", [b"", b"]" * 10_000])
def test_ten_thousand_levels_are_refused(closing: bytes) -> None:
    assert told(lambda: parse(b"[" * 10_000 + closing)) == [("", TOO_DEEP)]


@pytest.mark.parametrize("brackets", [b'"%s"' % (b"[" * 100), b"[%s]" % b",".join([b"{}"] * 100)])
def test_brackets_beside_each_other_and_in_strings_are_no_levels(brackets: bytes) -> None:
    assert dump(parse(brackets)) == brackets


def test_a_value_that_json_does_not_have_is_not_written() -> None:
    with pytest.raises(TypeError):
        dump({"a": object()})


@pytest.mark.parametrize(
    ("members", "text"),
    [
        ([], b"{}"),
        ([("a", b"[1, 2]")], b'{"a":[1, 2]}'),
        ([("b", b"1.10"), ("a", b'{"c":null}')], b'{"b":1.10,"a":{"c":null}}'),
    ],
)
def test_texts_are_spliced_as_they_are(members: list[tuple[str, bytes]], text: bytes) -> None:
    assert splice(members) == text
