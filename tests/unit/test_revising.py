"""Changes of a definition: what becomes of it, and what is refused at which place."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from schemas.definition import PROFILE, Attribute, Definition, Extension, Shape
from schemas.reader import load_definition
from schemas.revising import (
    InUse,
    NameTaken,
    NotDefined,
    add_extension,
    add_key,
    remove_extension,
    remove_key,
    replace_attributes,
    replace_extension,
)
from tests.unit.told import told

TAKEN = "is taken by another attribute, without regard to case"
A, B = {"name": "A", "type": "string"}, {"name": "B", "type": "string"}
NUMBER = {"name": "Number", "type": "string", "normalize": "phone", "region": "DE"}
DEFINITION = load_definition(
    {
        "attributes": [A, B],
        "extensions": [
            {"name": "Phone", "type": "multi-valued", "attributes": [NUMBER, A]},
            {"name": "Vip", "type": "classifier"},
        ],
        "identification_keys": [
            {"name": "a", "attributes": ["A"]},
            {"name": "number", "source": "Phone", "attributes": ["Number"]},
        ],
    }
)


def an_extension(**members: Any) -> dict[str, Any]:
    return {"name": "New", "type": "single-valued", "attributes": [A]} | members


def phone(*attributes: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": "Phone", "type": "multi-valued", "attributes": list(attributes)} | members


def blocking_key(call: Callable[[], object]) -> str:
    with pytest.raises(InUse) as caught:
        call()
    return caught.value.key


def test_attributes_are_replaced_as_a_whole() -> None:
    changed = replace_attributes(DEFINITION, [{"name": "C", "type": "long"}, B, A])
    assert [attribute.name for attribute in changed.attributes] == ["C", "B", "A"]
    assert replace(changed, attributes=DEFINITION.attributes) == DEFINITION


def test_a_definition_is_reduced_once_an_attribute_was_taken_away() -> None:
    assert not replace_attributes(DEFINITION, [B, A, NUMBER]).reduced
    reduced = replace_attributes(DEFINITION, [A])
    assert reduced.reduced
    assert replace_attributes(reduced, [A, B]).reduced


@pytest.mark.parametrize(
    ("raw", "faults"),
    [
        (None, {"": "must be a list"}),
        ({}, {"": "must be a list"}),
        ([A, None], {"/1": "must be an object"}),
        ([A, {"name": "C", "type": "x"}], {"/1/type": ...}),
        ([A, {"name": "a", "type": "string"}], {"/1/name": TAKEN}),
        ([A, {"name": "PHONE", "type": "string"}], {"/1/name": "is taken by an extension"}),
        ([{"name": "A", "type": "long", "default": "5"}], {"/0/default": ...}),
    ],
)
def test_faulty_attributes_are_told_by_their_place_in_the_list(
    raw: Any, faults: dict[str, Any]
) -> None:
    found = dict(told(lambda: replace_attributes(DEFINITION, raw)))
    assert found.keys() == faults.keys()
    assert all(faults[place] in (message, ...) for place, message in found.items())


@pytest.mark.parametrize("raw", [[], [B], [B, A | {"name": "a"}], [A | {"normalize": "phone"}]])
def test_an_attribute_that_a_key_needs_stays_as_it_is_looked_up(raw: list[Any]) -> None:
    assert blocking_key(lambda: replace_attributes(DEFINITION, raw)) == "a"


def test_an_attribute_that_a_key_needs_may_change_otherwise() -> None:
    changed = A | {"mandatory": True, "length": 5, "multi_valued": True, "sensitive": True}
    assert replace_attributes(DEFINITION, [changed]).attributes[0].length == 5


def test_an_extension_is_added_as_the_last_one() -> None:
    changed = add_extension(DEFINITION, an_extension(), "New#1")
    assert changed.extensions[:-1] == DEFINITION.extensions
    assert changed.extensions[-1] == Extension(
        name="New",
        type=Shape.SINGLE,
        attributes=(Attribute(name="A", type="string"),),
        stored_name="New#1",
    )
    assert replace(changed, extensions=DEFINITION.extensions) == DEFINITION


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (5, [""]),
        ({}, ["/name", "/type"]),
        (an_extension(attributes=[{"name": "A", "type": "x"}]), ["/attributes/0/type"]),
        (an_extension(attributes=[A, A]), ["/attributes/1/name"]),
        (an_extension(attributes=[]), ["/attributes"]),
        (an_extension(unique=["B"]), ["/unique", "/unique/0"]),
        (an_extension(name="customer_ID", type="classifier"), ["/name", "/attributes"]),
        (an_extension(name="profile"), ["/name"]),
        (an_extension(stored_name="x"), ["/stored_name"]),
    ],
)
def test_a_faulty_extension_is_told_by_the_places_in_it(raw: Any, places: list[str]) -> None:
    faults = told(lambda: add_extension(DEFINITION, raw, "x"))
    assert [place for place, _ in faults] == places


def test_a_faulty_replacement_of_an_extension_is_told_by_the_places_in_it() -> None:
    raw = phone(NUMBER, {"name": "A", "type": "x"})
    faults = told(lambda: replace_extension(DEFINITION, "Phone", raw))
    assert [place for place, _ in faults] == ["/attributes/1/type"]
    faults = told(lambda: replace_extension(DEFINITION, "Phone", phone(NUMBER, unique=["B"])))
    assert faults == [("/unique/0", "is no attribute of this extension")]


@pytest.mark.parametrize("name", ["Phone", "phone", "VIP", "A", "b"])
def test_the_name_of_a_new_extension_must_be_free(name: str) -> None:
    with pytest.raises(NameTaken) as caught:
        add_extension(DEFINITION, an_extension(name=name), "x")
    assert caught.value.name == name


def test_a_name_is_free_again_after_its_removal() -> None:
    removed = remove_extension(DEFINITION, "vip")
    assert [extension.name for extension in removed.extensions] == ["Phone"]
    assert add_extension(removed, an_extension(name="Vip"), "x").extension("Vip")


@pytest.mark.parametrize("name", ["Phone", "PHONE"])
def test_an_extension_is_replaced_in_its_place_under_its_name(name: str) -> None:
    raw = phone(NUMBER, A, B, name="pHONE", unique=["Number"], description="d")
    changed = replace_extension(DEFINITION, name, raw)
    extension, vip = changed.extensions
    assert (extension.name, extension.unique, extension.description) == ("Phone", ("Number",), "d")
    assert [attribute.name for attribute in extension.attributes] == ["Number", "A", "B"]
    assert vip is DEFINITION.extensions[1]


def test_a_replaced_extension_keeps_what_only_the_service_knows() -> None:
    definition = add_extension(DEFINITION, an_extension(attributes=[A, B]), "New#1")
    widened = replace_extension(definition, "New", an_extension(attributes=[A, B, NUMBER]))
    reduced = replace_extension(widened, "New", an_extension())
    again = replace_extension(reduced, "New", an_extension(attributes=[A, B, NUMBER]))
    states = [each.extensions[-1] for each in (widened, reduced, again)]
    assert [each.stored_name for each in states] == ["New#1"] * 3
    assert [each.reduced for each in states] == [False, True, True]


def test_an_extension_cannot_be_renamed() -> None:
    faults = told(
        lambda: replace_extension(DEFINITION, "Vip", an_extension(name="X", type="classifier"))
    )
    assert faults[0] == ("/name", "must be Vip, as in the URL")


@pytest.mark.parametrize(
    "attributes", [[A], [A, NUMBER | {"name": "number"}], [NUMBER | {"region": "FR"}]]
)
def test_an_attribute_that_a_key_needs_stays_in_its_extension(attributes: list[Any]) -> None:
    raw = phone(*attributes)
    assert blocking_key(lambda: replace_extension(DEFINITION, "phone", raw)) == "number"


def test_the_source_of_a_key_stays() -> None:
    assert blocking_key(lambda: remove_extension(DEFINITION, "PHONE")) == "number"
    assert remove_extension(remove_key(DEFINITION, "number"), "Phone").extension("Phone") is None


def test_a_key_is_added_as_the_last_one() -> None:
    raw = {"name": "New", "source": "phone", "attributes": ["ext.A", "Phone.Number"]}
    changed = add_key(DEFINITION, raw, "New#1", "job")
    key = changed.keys[-1]
    assert (key.source, key.attributes) == ("Phone", ("A", "Number"))
    assert (key.stored_name, key.build) == ("New#1", "job")
    assert replace(changed, keys=DEFINITION.keys) == DEFINITION


@pytest.mark.parametrize(
    ("raw", "places"),
    [
        (None, [""]),
        ({}, ["/name", "/attributes"]),
        ({"name": "k", "attributes": []}, ["/attributes"]),
        ({"name": "k", "attributes": ["A", "x"]}, ["/attributes/1"]),
        ({"name": "k", "source": "x", "attributes": ["A"]}, ["/source"]),
        ({"name": "a", "attributes": ["x"]}, ["/attributes/0"]),
    ],
)
def test_a_faulty_key_is_told_by_the_places_in_it(raw: Any, places: list[str]) -> None:
    assert [place for place, _ in told(lambda: add_key(DEFINITION, raw, "x", ""))] == places


@pytest.mark.parametrize("name", ["a", "NUMBER"])
def test_the_name_of_a_new_key_must_be_free(name: str) -> None:
    with pytest.raises(NameTaken) as caught:
        add_key(DEFINITION, {"name": name, "attributes": ["B"]}, "x", "")
    assert caught.value.name == name


def test_a_key_may_be_called_like_an_attribute_or_an_extension() -> None:
    changed = add_key(DEFINITION, {"name": "Phone", "attributes": ["B"]}, "x", "")
    assert changed.keys[-1].source == PROFILE


def test_a_key_is_removed_in_any_case() -> None:
    assert [key.name for key in remove_key(DEFINITION, "NUMBER").keys] == ["a"]


def replaced(definition: Definition, name: str) -> Definition:
    return replace_extension(definition, name, an_extension(name=name))


@pytest.mark.parametrize("change", [replaced, remove_extension, remove_key])
@pytest.mark.parametrize("name", ["x", "A", "profile"])
def test_what_is_not_defined_cannot_be_changed(
    change: Callable[[Definition, str], Definition], name: str
) -> None:
    definition = remove_key(DEFINITION, "a")
    with pytest.raises(NotDefined) as caught:
        change(definition, name)
    assert caught.value.name == name
