"""Random definitions, and random bodies for them: in order, nearly so, and hostile."""

from collections.abc import Iterable
from typing import Any

from hypothesis import strategies as st

from schemas.attribute_type import MASK
from schemas.definition import Attribute, Definition
from schemas.document import Number, Repeating
from schemas.reader import load_definition

GOOD: dict[str, list[Any]] = {
    "string": ["", "a", "b", "\U0001f600", "+49 171 1234567"],
    "integer": [0, -1, 2**31 - 1, -(2**31), Number("-0")],
    "long": [0, 2**63 - 1, -(2**63), Number("-0")],
    "double": [0, 1, 2**53, Number("-0"), Number("1.50"), Number("1e3")],
    "boolean": [True, False],
    "date": ["2024-02-29", "0001-01-01"],
    "datetime": ["2024-02-29T12:30:00.000Z", "2024-02-29T12:30+01:00", "20240229T1230"],
    "currency": [0, 19, "19.90", Number("19.90"), Number("0.10")],
}
ODD: list[Any] = [
    *("a\0", "\ud800", MASK, f"{MASK}1", "2024-02-30", "24:00", "1e5", "abcde" * 9),
    *(2**31, 2**63, -(2**63) - 1, Number("1e999"), Number("1" * 40), 1.5),
    *(None, [], [[]], [None], {}, {"A": 1}, [{}], [{}, {}], ["a", None]),
]
NAMES = ["A", "B", "C"]
EXTENSIONS = ["E", "F"]
SHAPES = ["single-valued", "multi-valued", "multi-valued", "classifier"]


@st.composite
def definitions(draw: st.DrawFn) -> Definition:
    extensions = [draw(_extension(name)) for name in draw(_some(EXTENSIONS))]
    return load_definition({"attributes": draw(_attributes()), "extensions": extensions})


@st.composite
def bodies(draw: st.DrawFn, definition: Definition) -> Any:
    """A whole profile, as `parse` gives it."""
    members = {each.name: _values(each.type) for each in definition.attributes}
    members |= {each.name: records(each.attributes) for each in definition.extensions}
    members["customer_id"] = st.sampled_from(["a", "a", "b", "a/b", 1, None])
    return draw(_objects(members))


def records(attributes: Iterable[Attribute]) -> st.SearchStrategy[Any]:
    """One record of these attributes, several, or none."""
    record = _objects({each.name: _values(each.type) for each in attributes})
    return st.one_of(record, st.lists(record, max_size=3), st.none())


@st.composite
def _extension(draw: st.DrawFn, name: str) -> dict[str, Any]:
    shape = draw(st.sampled_from(SHAPES))
    attributes = draw(_attributes()) if shape != "classifier" else []
    unique = draw(_some([each["name"] for each in attributes])) if shape == SHAPES[1] else []
    return {"name": name, "type": shape, "attributes": attributes, "unique": unique}


@st.composite
def _attributes(draw: st.DrawFn) -> list[dict[str, Any]]:
    names = draw(st.lists(st.sampled_from(NAMES), unique=True, min_size=1))
    return [draw(_attribute(name)) for name in names]


@st.composite
def _attribute(draw: st.DrawFn, name: str) -> dict[str, Any]:
    kind = draw(st.sampled_from(sorted(GOOD)))
    flags = ["mandatory", "multi_valued", "sensitive"]
    told: dict[str, Any] = {"name": name, "type": kind} | {
        flag: draw(st.booleans()) for flag in flags
    }
    if draw(st.booleans()):
        value = draw(st.sampled_from(GOOD[kind]))
        told["default"] = [value] if told["multi_valued"] and draw(st.booleans()) else value
    if kind == "string" and "default" not in told:
        told |= {"length": draw(st.sampled_from([None, 1, 40])), "normalize": "phone"}
    return told


def _some(names: list[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), unique=True) if names else st.just([])


def _values(kind: str) -> st.SearchStrategy[Any]:
    """Mostly a value of this type, now and then a list of some, null, or something odd."""
    good = st.sampled_from(GOOD[kind])
    return st.one_of(good, good, good, st.lists(good, max_size=2), st.none(), _ODD)


@st.composite
def _objects(draw: st.DrawFn, members: dict[str, st.SearchStrategy[Any]]) -> Any:
    """Some of the members in any order; rarely with an unknown or repeated name, or no object."""
    value = {name: draw(members[name]) for name in draw(_some(sorted(members)))}
    damage = draw(st.sampled_from(["", "", "", "", "", "unknown", "repeated", "odd"]))
    if damage == "unknown":
        return value | {draw(st.sampled_from(["a", "e", "X", "", "~/"])): draw(_ODD)}
    if damage == "repeated" and value:
        repeating = Repeating(value)
        repeating.names = (next(iter(value)),)
        return repeating
    return draw(_ODD) if damage == "odd" else value


_ODD = st.sampled_from(ODD)
