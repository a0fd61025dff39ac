"""Bringing a stored definition to a given one: what stays, what is new, what is told."""

from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from schemas.adoption import Action, Effect, adopt, differences, spelling_faults
from schemas.definition import Definition
from schemas.reader import load_definition
from schemas.revising import complete_key
from schemas.writing import public_definition
from tests.unit.schemas import listed

PHONE = {"name": "Phone", "type": "multi-valued", "attributes": listed({"Number": {}})}
NUMBERS = count(1)
EMAIL = {"name": "email", "attributes": ["Email"]}


def defined(
    attributes: dict[str, dict[str, Any]], *keys: dict[str, Any], **parts: Any
) -> Definition:
    extensions = parts.get("extensions", [PHONE])
    return load_definition(
        {
            "attributes": listed(attributes),
            "extensions": extensions,
            "identification_keys": list(keys),
        }
    )


def adopted(stored: Definition, wanted: Definition, *failed: str) -> Definition:
    return adopt(stored, wanted, lambda: f"fresh{next(NUMBERS)}", frozenset(failed))


STORED = adopted(defined({}), defined({"Email": {}, "Name": {"length": 9}}, EMAIL))
STORED = complete_key(STORED, "email")


def told(wanted: Definition, *failed: str) -> list[tuple[str, str, Action, Effect]]:
    found = differences(STORED, adopted(STORED, wanted, *failed))
    return [(each.kind, each.name, each.action, each.effect) for each in found]


def same(**parts: Any) -> Definition:
    return defined({"Email": {}, "Name": {"length": 9}}, EMAIL, **parts)


def test_what_is_so_already_is_left_as_it_is_stored() -> None:
    assert adopted(STORED, same()) == STORED
    assert told(same()) == []


def test_what_was_adopted_reads_as_it_was_wanted() -> None:
    wanted = defined({"Email": {"normalize": "phone"}, "New": {}}, EMAIL, extensions=[])
    assert public_definition(adopted(STORED, wanted)) == public_definition(wanted)


def test_a_new_extension_and_a_new_key_are_stored_under_fresh_names() -> None:
    added = {"name": "Vip", "type": "classifier"}
    result = adopted(STORED, replace(same(extensions=[PHONE, added]), keys=()))
    assert [each.stored_name[:5] for each in result.extensions] == ["", "fresh"]
    assert result.extensions[0] == STORED.extensions[0]
    assert told(replace(same(extensions=[PHONE, added]), keys=())) == [
        ("extension", "Vip", Action.ADDED, Effect.ADDITIVE),
        ("key", "email", Action.REMOVED, Effect.ADDITIVE),
    ]


def test_a_key_that_is_looked_up_in_another_way_is_built_anew() -> None:
    wanted = defined({"Email": {"normalize": "phone"}, "Name": {"length": 9}}, EMAIL)
    (key,) = adopted(STORED, wanted).keys
    assert key.build
    assert key.stored_name != STORED.keys[0].stored_name
    assert told(wanted) == [
        ("attribute", "Email", Action.CHANGED, Effect.ADDITIVE),
        ("key", "email", Action.CHANGED, Effect.BUILT),
    ]


def test_a_key_whose_build_has_failed_is_built_anew() -> None:
    assert told(same(), "email") == [("key", "email", Action.CHANGED, Effect.BUILT)]


@pytest.mark.parametrize(
    ("attributes", "effect"),
    [
        ({"Email": {}, "Name": {"length": 10}}, Effect.ADDITIVE),
        ({"Email": {}, "Name": {"length": 8}}, Effect.NARROWING),
        ({"Email": {}, "Name": {"type": "long"}}, Effect.REFUSED),
    ],
)
def test_a_difference_has_the_effect_that_it_has_alone(
    attributes: dict[str, dict[str, Any]], effect: Effect
) -> None:
    assert told(defined(attributes, EMAIL)) == [("attribute", "Name", Action.CHANGED, effect)]


def test_the_attributes_of_an_extension_are_told_one_by_one() -> None:
    phone = PHONE | {"attributes": listed({"Number": {"length": 3}, "Kind": {}})}
    assert told(same(extensions=[phone | {"description": "How to call"}])) == [
        ("extension", "Phone", Action.CHANGED, Effect.ADDITIVE),
        ("attribute", "Phone.Number", Action.CHANGED, Effect.NARROWING),
        ("attribute", "Phone.Kind", Action.ADDED, Effect.ADDITIVE),
    ]


def test_what_is_removed_narrows_and_is_remembered() -> None:
    wanted = defined({"Email": {}}, EMAIL, extensions=[])
    assert told(wanted) == [
        ("attribute", "Name", Action.REMOVED, Effect.NARROWING),
        ("extension", "Phone", Action.REMOVED, Effect.NARROWING),
    ]
    assert adopted(STORED, wanted).reduced


def test_another_order_alone_is_told_too() -> None:
    assert told(defined({"Name": {"length": 9}, "Email": {}}, EMAIL)) == [
        ("order", "", Action.CHANGED, Effect.ADDITIVE)
    ]


def test_an_extension_keeps_its_spelling() -> None:
    wanted = same(extensions=[PHONE | {"name": "PHONE"}])
    (fault,) = spelling_faults(STORED, wanted)
    assert str(fault) == "/extensions/0/name: must be Phone, as it is stored"
    assert list(spelling_faults(STORED, same())) == []
