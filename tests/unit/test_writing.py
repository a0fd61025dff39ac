"""Definitions as plain values: for storage, complete, and for the metadata API."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.attributes import TYPES
from schemas.definition import Attribute, Definition, Extension, IdentificationKey, Match, Shape
from schemas.document import Number, dump, parse
from schemas.reader import load_definition, read_definition
from schemas.revising import add_extension, add_key, remove_key, replace_attributes
from schemas.writing import (
    from_document,
    public_attributes,
    public_extension,
    public_key,
    to_document,
    to_yaml,
)
from schemas.yaml_text import dump_yaml, parse_yaml
from tests.unit.schemas import DEFAULT

ROOT = Path(__file__).parents[2]
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
SCALARS = st.one_of(
    TEXTS,
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.sampled_from(["0.10", "-0", "-0.00", "1e400", "9" * 38]).map(Number),
)
ATTRIBUTES = st.builds(
    Attribute,
    name=TEXTS,
    type=st.sampled_from(list(TYPES)),
    default=st.none() | SCALARS | st.lists(SCALARS, max_size=3),
    length=st.none() | st.integers(1, 9),
    mandatory=st.booleans(),
    multi_valued=st.booleans(),
    sensitive=st.booleans(),
    normalize=st.none() | st.just("phone"),
    region=st.none() | st.just("DE"),
    description=TEXTS,
)
NAMES = st.lists(TEXTS, max_size=3).map(tuple)
SEVERAL_ATTRIBUTES = st.lists(ATTRIBUTES, max_size=3).map(tuple)
EXTENSIONS = st.builds(
    Extension,
    name=TEXTS,
    type=st.sampled_from(Shape),
    attributes=SEVERAL_ATTRIBUTES,
    unique=NAMES,
    description=TEXTS,
    stored_name=TEXTS,
    reduced=st.booleans(),
)
KEYS = st.builds(
    IdentificationKey,
    name=TEXTS,
    source=st.just("profile") | TEXTS,
    attributes=NAMES,
    unique=st.booleans(),
    match=st.sampled_from(Match),
    description=TEXTS,
    stored_name=TEXTS,
    build=TEXTS,
)
DEFINITIONS = st.builds(
    Definition,
    attributes=SEVERAL_ATTRIBUTES,
    extensions=st.lists(EXTENSIONS, max_size=2).map(tuple),
    keys=st.lists(KEYS, max_size=2).map(tuple),
    reduced=st.booleans(),
)


@settings(deadline=None, database=None)
@given(DEFINITIONS)
def test_every_definition_is_read_back_as_it_was_written(definition: Definition) -> None:
    read = from_document(to_document(definition))
    assert read == definition
    # 1, True and 1.0 are equal, so the texts are compared too.
    assert to_document(read) == to_document(definition)
    kinds = [type(each.type) for each in read.extensions] + [
        type(each.match) for each in read.keys
    ]
    assert set(kinds) <= {Shape, Match}


@pytest.mark.parametrize("default", ["0.10", '"0.10"', "5", "-0.00", "9" * 38, "[0.10, 5]"])
def test_a_default_is_read_back_digit_by_digit(default: str) -> None:
    value = parse(default.encode())
    attribute = {"name": "A", "type": "currency", "default": value, "multi_valued": True}
    definition = from_document(to_document(load_definition({"attributes": [attribute]})))
    assert dump(definition.attributes[0].default) == dump(value)


def test_a_definition_is_read_back_after_changes() -> None:
    extension = {"name": "New", "type": "classifier"}
    key = {"name": "new", "attributes": ["Title"], "match": "casefold", "unique": True}
    changed = add_key(add_extension(DEFAULT.definition, extension, "New#1"), key, "new#1", "job")
    kept = [each for each in public_attributes(changed.attributes) if each["name"] != "DOB"]
    changed = from_document(to_document(changed))
    reduced = replace_attributes(remove_key(changed, "name_birth"), kept)
    assert from_document(to_document(reduced)) == reduced
    assert reduced.reduced
    assert reduced.keys[-1].build == "job"


def test_the_default_definition_is_answered_as_it_was_given() -> None:
    definition = DEFAULT.definition
    answered = {
        "attributes": public_attributes(definition.attributes),
        "extensions": [public_extension(extension) for extension in definition.extensions],
        "identification_keys": [public_key(key) for key in definition.keys],
    }
    assert load_definition(parse(dump(answered))) == definition


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"default": "x", "length": 5, "mandatory": True, "multi_valued": True},
        {"sensitive": True, "normalize": "phone", "region": "DE", "description": "d"},
        {"type": "boolean", "default": False},
        {"type": "integer", "default": 0},
        {"type": "currency", "default": Number("0.10")},
    ],
)
def test_an_attribute_is_answered_with_what_differs_from_its_default(
    members: dict[str, Any],
) -> None:
    raw = {"name": "A", "type": "string"} | members
    attributes = load_definition({"attributes": [raw]}).attributes
    (answered,) = public_attributes(attributes)
    assert dump(answered) == dump(raw)


def test_the_members_of_an_attribute_are_answered_in_their_order() -> None:
    raw = {"region": "DE", "normalize": "phone", "length": 5, "type": "string", "name": "A"}
    (answered,) = public_attributes(load_definition({"attributes": [raw]}).attributes)
    assert list(answered) == ["name", "type", "length", "normalize", "region"]


def test_an_extension_is_answered_without_what_only_the_service_knows() -> None:
    attribute = Attribute(name="A", type="string")
    extension = Extension(
        name="E",
        type=Shape.MULTI,
        attributes=(attribute,),
        unique=("A",),
        description="d",
        stored_name="E#1",
        reduced=True,
    )
    assert public_extension(extension) == {
        "name": "E",
        "type": "multi-valued",
        "attributes": [{"name": "A", "type": "string"}],
        "unique": ["A"],
        "description": "d",
    }


def test_a_classifier_is_answered_without_attributes() -> None:
    classifier = Extension(name="Vip", type=Shape.CLASSIFIER)
    assert public_extension(classifier) == {"name": "Vip", "type": "classifier"}


def test_a_key_of_the_profile_is_answered_with_bare_names() -> None:
    key = IdentificationKey(name="k", attributes=("A", "B"), stored_name="k#1", build="job")
    assert public_key(key) == {
        "name": "k",
        "source": "profile",
        "attributes": ["A", "B"],
        "unique": False,
    }


def test_a_key_of_an_extension_is_answered_with_a_prefix() -> None:
    key = IdentificationKey(
        name="k",
        source="Phone",
        attributes=("A",),
        unique=True,
        match=Match.CASEFOLD,
        description="d",
    )
    assert public_key(key) == {
        "name": "k",
        "source": "Phone",
        "attributes": ["ext.A"],
        "unique": True,
        "match": "casefold",
        "description": "d",
    }


VALUES = st.recursive(
    SCALARS | st.sampled_from(["no", "1.10", "1e5", "2020-01-01", "~", "a: b", "# c"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)


@given(VALUES)
@settings(deadline=None)
def test_yaml_reads_back_the_values_that_were_written(value: Any) -> None:
    assert parse_yaml(dump_yaml(value)) == value


@pytest.mark.parametrize(
    "file",
    sorted([*ROOT.glob("tests/api/*.yaml"), *ROOT.glob("tests/compat/definitions/*.yaml")]),
    ids=lambda file: file.name,
)
def test_a_definition_file_reads_back_as_it_was(file: Path) -> None:
    definition = read_definition(file.read_text())
    assert read_definition(to_yaml(definition)) == definition
    assert to_yaml(read_definition(to_yaml(definition))) == to_yaml(definition)
