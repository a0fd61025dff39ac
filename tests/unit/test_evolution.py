"""What a change of the definition means for stored profiles."""

from typing import Any

import pytest

from schemas.attributes import TYPES
from schemas.definition import Definition
from schemas.evolution import compare
from schemas.reader import load_definition
from schemas.revising import replace_attributes, replace_extension

LOSSLESS = {
    ("integer", "long"),
    ("integer", "currency"),
    ("long", "currency"),
    ("date", "string"),
    ("datetime", "string"),
}
PAIRS = [(old, new) for old in TYPES for new in TYPES]


def an_attribute(**members: Any) -> dict[str, Any]:
    return {"name": "A", "type": "string"} | members


def an_extension(**members: Any) -> dict[str, Any]:
    attributes = [an_attribute(), an_attribute(name="B")]
    return {"name": "E", "type": "multi-valued", "attributes": attributes} | members


def core(*attributes: dict[str, Any]) -> Definition:
    return load_definition({"attributes": list(attributes)})


def extended(*extensions: dict[str, Any]) -> Definition:
    return load_definition({"attributes": [], "extensions": list(extensions)})


def within(*attributes: dict[str, Any]) -> Definition:
    return extended(an_extension(attributes=[an_attribute(name="Other"), *attributes]))


def narrowing(old: Definition, new: Definition) -> bool:
    evolution = compare(old, new)
    assert evolution.refused == ()
    return evolution.narrowing


def refused(old: Definition, new: Definition) -> list[tuple[str, str]]:
    return [(fault.pointer, fault.message) for fault in compare(old, new).refused]


@pytest.mark.parametrize("definition", [core(an_attribute()), extended(an_extension())])
def test_no_change_is_neither_refused_nor_narrowing(definition: Definition) -> None:
    assert not narrowing(definition, definition)


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_a_type_changes_without_loss_or_not_at_all(old: str, new: str) -> None:
    before = an_attribute(type=old), an_attribute(name="C")
    after = an_attribute(name="C"), an_attribute(type=new)
    message = f"cannot become {new}, stored values are of type {old}"
    faults = [] if old == new or (old, new) in LOSSLESS else [message]
    assert refused(core(*before), core(*after)) == [("/attributes/1/type", m) for m in faults]
    assert refused(within(*before), within(*after)) == [
        ("/extensions/0/attributes/2/type", m) for m in faults
    ]


@pytest.mark.parametrize(("old", "new"), sorted(LOSSLESS))
def test_a_change_without_loss_does_not_narrow(old: str, new: str) -> None:
    assert not narrowing(core(an_attribute(type=old)), core(an_attribute(type=new)))


def test_an_extension_keeps_its_shape() -> None:
    old = extended(an_extension(name="D"), an_extension())
    new = extended(an_extension(), an_extension(name="d", type="single-valued"))
    message = "cannot become another type than multi-valued"
    assert refused(old, new) == [("/extensions/1/type", message)]


@pytest.mark.parametrize("holder", [core, within])
@pytest.mark.parametrize(
    ("old", "new", "narrows"),
    [
        ({}, {"length": 5}, True),
        ({"length": 6}, {"length": 5}, True),
        ({"length": 5}, {"length": 6}, False),
        ({"length": 5}, {}, False),
        ({"multi_valued": True}, {}, True),
        ({}, {"multi_valued": True}, False),
        ({}, {"mandatory": True}, True),
        ({}, {"mandatory": True, "default": "x"}, False),
        ({"mandatory": True, "default": "x"}, {"mandatory": True}, True),
        ({"mandatory": True}, {}, False),
        ({"default": "x"}, {}, False),
        ({}, {"sensitive": True, "normalize": "phone", "description": "d"}, False),
        ({"type": "date"}, {"length": 3}, True),
    ],
)
def test_an_attribute_narrows_if_a_stored_value_may_not_fit(
    holder: Any, old: dict[str, Any], new: dict[str, Any], narrows: bool
) -> None:
    assert narrowing(holder(an_attribute(**old)), holder(an_attribute(**new))) is narrows


@pytest.mark.parametrize("holder", [core, within])
def test_an_attribute_that_is_gone_narrows(holder: Any) -> None:
    assert narrowing(holder(an_attribute(), an_attribute(name="B")), holder(an_attribute()))
    assert narrowing(holder(an_attribute()), holder(an_attribute(name="a")))


@pytest.mark.parametrize("holder", [core, within])
@pytest.mark.parametrize(
    ("members", "narrows"),
    [({}, False), ({"mandatory": True}, True), ({"mandatory": True, "default": "x"}, False)],
)
def test_a_new_attribute_narrows_if_no_stored_profile_can_have_it(
    holder: Any, members: dict[str, Any], narrows: bool
) -> None:
    new = holder(an_attribute(), an_attribute(name="B", **members))
    assert narrowing(holder(an_attribute()), new) is narrows


def test_a_new_attribute_narrows_where_values_of_an_earlier_one_may_be_stored() -> None:
    a, b = an_attribute(), an_attribute(name="B", type="long")
    reduced = replace_attributes(core(a, an_attribute(name="B")), [a])
    assert narrowing(reduced, replace_attributes(reduced, [a, b]))
    extension = replace_extension(extended(an_extension()), "E", an_extension(attributes=[a]))
    again = replace_extension(extension, "E", an_extension(attributes=[a, b]))
    assert narrowing(extension, again)


def test_an_extension_that_is_gone_narrows_a_new_one_does_not() -> None:
    one, two = extended(an_extension()), extended(an_extension(), an_extension(name="F"))
    assert narrowing(two, one)
    assert not narrowing(one, two)


@pytest.mark.parametrize(
    ("old", "new", "narrows"),
    [
        ([], ["A"], True),
        (["A"], [], False),
        (["A"], ["B"], True),
        (["A"], ["B", "A"], False),
        (["A", "B"], ["A"], True),
        (["A", "B"], ["B", "A"], False),
    ],
)
def test_unique_values_narrow_if_stored_records_may_share_them(
    old: list[str], new: list[str], narrows: bool
) -> None:
    before, after = extended(an_extension(unique=old)), extended(an_extension(unique=new))
    assert narrowing(before, after) is narrows


@pytest.mark.parametrize("holder", [core, within])
@pytest.mark.parametrize(
    ("old", "new", "reveals"),
    [
        ({}, {"sensitive": True}, False),
        ({"sensitive": True}, {"sensitive": True, "length": 5}, False),
        ({"sensitive": True}, {}, True),
        ({"sensitive": True, "type": "date"}, {"sensitive": True}, True),
        ({"type": "date"}, {}, False),
        ({"sensitive": True}, {"name": "Z", "sensitive": True}, True),
        ({}, {"name": "Z"}, False),
    ],
)
def test_a_change_reveals_if_more_may_be_shown_of_what_was_sensitive(
    holder: Any, old: dict[str, Any], new: dict[str, Any], reveals: bool
) -> None:
    before, after = holder(an_attribute(**old)), holder(an_attribute(**new))
    assert compare(before, after).revealing is reveals


def test_a_new_attribute_reveals_where_values_of_an_earlier_one_may_be_stored() -> None:
    a, b = an_attribute(), an_attribute(name="B")
    reduced = replace_attributes(core(a, b), [a])
    assert not compare(core(a, b), reduced).revealing
    assert compare(reduced, replace_attributes(reduced, [a, b])).revealing
    assert not compare(reduced, replace_attributes(reduced, [b | a])).revealing
    extension = replace_extension(extended(an_extension()), "E", an_extension(attributes=[a]))
    again = replace_extension(extension, "E", an_extension(attributes=[a, b]))
    assert compare(extension, again).revealing


def test_an_extension_that_is_gone_reveals_nothing() -> None:
    secret = an_extension(attributes=[an_attribute(sensitive=True)])
    assert not compare(extended(secret), extended()).revealing
