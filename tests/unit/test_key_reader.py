"""Identification keys in a definition: how they may be spelled, and what they are made of."""

from typing import Any

import pytest

from schemas.definition import PROFILE, IdentificationKey, Match
from schemas.reader import load_definition, read_definition
from tests.unit.told import told

BAD_NAME = "must be a letter, then letters, digits or _, at most 26 characters"
UNKNOWN = "is not known here"

NAMES = [f"A{number}" for number in range(9)]
ATTRIBUTES = [{"name": name, "type": "string"} for name in NAMES]
EXTENSIONS = [
    {"name": "Phone", "type": "multi-valued", "attributes": ATTRIBUTES},
    {"name": "Vip", "type": "classifier"},
]


def a_key(**members: Any) -> dict[str, Any]:
    return {"name": "k", "attributes": ["A0"]} | members


def a_definition(*keys: Any) -> dict[str, Any]:
    parts = {"attributes": ATTRIBUTES, "extensions": EXTENSIONS}
    return {**parts, "identification_keys": list(keys)}


def read_key(**members: Any) -> IdentificationKey:
    (key,) = load_definition(a_definition(a_key(**members))).keys
    return key


def refused(**members: Any) -> dict[str, str]:
    """The faults of one key, by their place in it."""
    base = "/identification_keys/0"
    faults = told(lambda: load_definition(a_definition(a_key(**members))))
    return {pointer.removeprefix(base): message for pointer, message in faults}


def test_what_is_left_out_has_its_documented_value() -> None:
    assert read_key() == IdentificationKey(name="k", attributes=("A0",))
    assert (read_key().source, read_key().match) == (PROFILE, Match.EXACT)


def test_a_definition_without_keys_has_none() -> None:
    assert load_definition({"attributes": []}).keys == ()


def test_keys_are_kept_in_their_order_with_all_that_they_have() -> None:
    whole = {"unique": "true", "match": "CaseFold", "description": "d"}
    raw = a_definition(a_key(name="z"), a_key(name="a", **whole))
    assert load_definition(raw).keys == (
        IdentificationKey(name="z", attributes=("A0",)),
        IdentificationKey(
            name="a", attributes=("A0",), unique=True, match=Match.CASEFOLD, description="d"
        ),
    )


def test_keys_are_read_from_yaml() -> None:
    text = "{attributes: [{name: A, type: string}], identification_keys: [{name: k, %s}]}"
    assert read_definition(text % "attributes: [A]").keys[0].attributes == ("A",)
    faults = told(lambda: read_definition(text % "attributes: [on]"))
    assert faults[0][0] == "/identification_keys/0/attributes/0"
    assert "quote it" in faults[0][1]


@pytest.mark.parametrize("source", ["profile", "Profile", "PROFILE"])
def test_the_profile_is_a_source_in_any_case(source: str) -> None:
    assert read_key(source=source).source == PROFILE


@pytest.mark.parametrize("source", ["Phone", "phone", "PHONE"])
@pytest.mark.parametrize("prefix", ["", "ext.", "EXT.", "Phone.", "phone."])
def test_an_extension_is_spelled_as_defined_and_its_attributes_bare(
    source: str, prefix: str
) -> None:
    key = read_key(source=source, attributes=[prefix + "A1", "A0"])
    assert (key.source, key.attributes) == ("Phone", ("A1", "A0"))


def test_a_key_of_the_profile_is_queried_by_the_bare_names() -> None:
    assert read_key(attributes=["A1", "A0"]).parameters == ("A1", "A0")


def test_a_key_of_an_extension_is_queried_with_its_name() -> None:
    assert read_key(source="Phone").parameters == ("Phone.A0",)


@pytest.mark.parametrize(
    ("members", "faults"),
    [
        ({"name": "1"}, {"/name": BAD_NAME}),
        ({"attributes": "A0"}, {"/attributes": "must be a list"}),
        ({"attributes": None}, {"/attributes": "must be a list"}),
        ({"attributes": [5]}, {"/attributes/0": "must be a string"}),
        ({"source": None}, {"/source": "must be a string"}),
        ({"source": "a\0"}, {"/source": "must not hold U+0000 or a lone surrogate"}),
        ({"unique": "yes"}, {"/unique": "must be true or false"}),
        ({"match": "prefix"}, {"/match": "must be one of exact, casefold"}),
        ({"uniqe": True}, {"/uniqe": f"{UNKNOWN}, did you mean unique?"}),
        ({"build": "x"}, {"/build": UNKNOWN}),
        ({"stored_name": "x"}, {"/stored_name": UNKNOWN}),
    ],
)
def test_a_fault_of_the_structure_is_told(members: dict[str, Any], faults: dict[str, str]) -> None:
    assert refused(**members) == faults


@pytest.mark.parametrize(
    ("members", "faults"),
    [
        ({"attributes": []}, {"/attributes": "must name 1 to 8 attributes"}),
        ({"attributes": NAMES}, {"/attributes": "must name 1 to 8 attributes"}),
        (
            {"attributes": ["A0", "a1", "zz", "A0"]},
            {
                "/attributes/1": "is no attribute of the profile, did you mean A1?",
                "/attributes/2": "is no attribute of the profile",
                "/attributes/3": "is given more than once",
            },
        ),
        (
            {"source": "Phone", "attributes": ["A0", "ext.A0", "ext.B"]},
            {
                "/attributes/1": "is given more than once",
                "/attributes/2": "is no attribute of Phone",
            },
        ),
        (
            {"attributes": ["ext.A0", "Phone.A1"]},
            {
                "/attributes/0": "is no attribute of the profile",
                "/attributes/1": "is no attribute of the profile",
            },
        ),
        (
            {"source": "Phone", "attributes": ["Vip.A0"]},
            {"/attributes/0": "is no attribute of Phone"},
        ),
        ({"source": "Vip"}, {"/attributes/0": "is no attribute of Vip"}),
        (
            {"source": "Phoen"},
            {"/source": "is neither profile nor an extension, did you mean Phone?"},
        ),
        ({"source": ""}, {"/source": "is neither profile nor an extension"}),
        (
            {"source": "zz", "attributes": []},
            {
                "/attributes": "must name 1 to 8 attributes",
                "/source": "is neither profile nor an extension",
            },
        ),
    ],
)
def test_a_breach_of_a_rule_is_told(members: dict[str, Any], faults: dict[str, str]) -> None:
    assert refused(**members) == faults


def test_a_key_may_have_eight_attributes() -> None:
    assert len(read_key(attributes=NAMES[:8]).attributes) == 8


def test_the_name_of_a_key_is_taken_in_any_case() -> None:
    raw = a_definition(a_key(name="k"), a_key(name="K"), a_key(name="Phone"), a_key(name="A0"))
    message = "is taken by another key, without regard to case"
    assert told(lambda: load_definition(raw)) == [("/identification_keys/1/name", message)]


def test_parts_are_found_in_any_case() -> None:
    definition = load_definition(a_definition(a_key(name="Email")))
    assert definition.key("eMAIL") is definition.keys[0]
    assert definition.extension("PHONE") is definition.extensions[0]
    assert definition.key("Phone") is None
    assert definition.extension("Email") is None


def test_a_source_gives_its_attributes() -> None:
    definition = load_definition(a_definition())
    assert definition.source_attributes(PROFILE) == definition.attributes
    assert definition.source_attributes("Phone") == definition.extensions[0].attributes
    assert definition.source_attributes("x") == ()
