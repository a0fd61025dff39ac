"""The entries by which a profile is found, and what a look-up asks for."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.definition import IdentificationKey
from schemas.document import Number
from schemas.identity import (
    MAX_ENTRIES,
    Criteria,
    Entry,
    IdentitySchema,
    TooManyCombinations,
    TooManyEntries,
)
from tests.unit.schemas import a_definition, many

SEVERAL = {"multi_valued": True}
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "Last": {},
    "First": SEVERAL,
    "Size": {"type": "double"},
    "Phone": {"normalize": "phone", "region": "DE"},
    "Mail": SEVERAL,
}
MANY = many({"Number": SEVERAL, "Kind": {"type": "integer"}, "Note": {}})
KEYS: dict[str, dict[str, Any]] = {
    "name": {"attributes": ["Last", "First", "Size"]},
    "last": {"attributes": ["Last"], "unique": True},
    "mail": {"attributes": ["Mail"], "match": "casefold"},
    "phone": {"attributes": ["Phone"]},
    "number": {"attributes": ["Number", "Kind"], "source": "Many", "unique": True},
}


def an_identity(*names: str) -> IdentitySchema:
    keys = [{"name": name} | KEYS[name] for name in names]
    return IdentitySchema(a_definition(ATTRIBUTES, *keys, many=MANY))


def sought(
    identity: IdentitySchema, *pairs: tuple[str, str]
) -> tuple[IdentificationKey, Criteria, list[bytes]]:
    """The key that answers a query, what it asks for, and the values of the look-up."""
    criteria = identity.criteria(pairs)
    key = identity.choose(criteria)
    return key, criteria, identity.lookup(key, criteria)


def finds(identity: IdentitySchema, entries: frozenset[Entry], *pairs: tuple[str, str]) -> bool:
    key, _, values = sought(identity, *pairs)
    return any(entry.key == key.name and entry.value in values for entry in entries)


def test_there_is_an_entry_for_every_leading_part_of_a_key() -> None:
    identity = an_identity("name")
    entries = identity.core_entries({"Last": "Banner", "First": "Bruce", "Size": 1.5})
    assert len(entries) == 3
    assert {(entry.key, len(entry.value), entry.claimed) for entry in entries} == {
        ("name", 16, False)
    }
    pairs = [("Last", "Banner"), ("First", "Bruce"), ("Size", "1.50")]
    assert all(finds(identity, entries, *pairs[:length]) for length in (1, 2, 3))


def test_leading_parts_end_at_the_first_attribute_without_a_value() -> None:
    identity = an_identity("name")
    assert len(identity.core_entries({"Last": "Banner", "Size": 1.5})) == 1
    assert len(identity.core_entries({"Last": "Banner", "First": [], "Size": 1.5})) == 1
    assert identity.core_entries({"First": "Bruce", "Size": 1.5}) == frozenset()


def test_every_combination_of_several_values_has_an_entry() -> None:
    identity = an_identity("name")
    entries = identity.core_entries({"Last": "B", "First": ["x", "y", "x"], "Size": 2.0})
    assert len(entries) == 1 + 2 + 2
    assert finds(identity, entries, ("Last", "B"), ("First", "y"), ("Size", "2"))
    assert not finds(identity, entries, ("Last", "B"), ("First", "z"), ("Size", "2"))


def test_a_value_that_is_split_in_another_way_has_another_entry() -> None:
    identity = an_identity("name")
    one = identity.core_entries({"Last": "a", "First": 'b","c'})
    other = identity.core_entries({"Last": 'a","b', "First": "c"})
    assert one.isdisjoint(other)


def test_only_the_whole_value_of_a_unique_key_is_claimed() -> None:
    identity = an_identity("last", "number")
    assert [entry.claimed for entry in identity.core_entries({"Last": "B"})] == [True]
    entries = identity.record_entries("Many", {"Number": "1", "Kind": 2})
    assert sorted(entry.claimed for entry in entries) == [False, True]
    assert not any(entry.claimed for entry in identity.record_entries("Many", {"Number": "1"}))


def test_records_have_entries_each() -> None:
    identity = an_identity("number")
    records = [{"Number": ["1", "2"], "Kind": 1}, {"Number": "2", "Kind": 2}, {"Kind": 3}]
    entries = identity.record_entries("Many", records)
    assert len(entries) == 2 + 3
    assert finds(identity, entries, ("Many.Number", "2"), ("Many.Kind", "2"))
    assert not finds(identity, entries, ("Many.Number", "1"), ("Many.Kind", "2"))


@pytest.mark.parametrize("records", [None, [], {}, [{}], {"Note": "x"}])
def test_records_without_values_have_no_entries(records: Any) -> None:
    assert an_identity("number").record_entries("Many", records) == frozenset()


def test_parts_without_a_key_have_no_entries() -> None:
    assert an_identity("number").core_entries({"Last": "B"}) == frozenset()
    assert an_identity("last").record_entries("Many", {"Number": "1"}) == frozenset()
    assert an_identity("last").record_entries("Unknown", {"Number": "1"}) == frozenset()


def test_entries_bear_the_stored_name_of_the_key_also_while_it_is_filled() -> None:
    definition = a_definition(ATTRIBUTES, {"name": "last", "attributes": ["Last"]})
    key = replace(definition.keys[0], stored_name="last#2", build="job")
    identity = IdentitySchema(replace(definition, keys=(key,)))
    assert {entry.key for entry in identity.core_entries({"Last": "B"})} == {"last#2"}


@pytest.mark.parametrize(
    ("stored", "text", "found"),
    [
        ("a@EXAMPLE.com", "A@example.COM", True),
        ("STRASSE", "stra\u00dfe", True),
        ("a", "b", False),
    ],
)
def test_a_key_may_disregard_case(stored: str, text: str, found: bool) -> None:
    identity = an_identity("mail")
    entries = identity.core_entries({"Mail": ["x", stored]})
    assert finds(identity, entries, ("Mail", text)) is found


def test_a_key_regards_case_by_default() -> None:
    identity = an_identity("last")
    entries = identity.core_entries({"Last": "Banner"})
    assert not finds(identity, entries, ("Last", "banner"))


def test_a_telephone_number_is_found_in_any_spelling() -> None:
    identity = an_identity("phone")
    entries = identity.core_entries({"Phone": "0171 1234567"})
    assert finds(identity, entries, ("Phone", "+49 (171) 123-4567"))


def test_stored_numbers_are_the_same_in_a_body_and_in_the_store() -> None:
    identity = an_identity("name")
    loaded = {"Last": "B", "First": "F", "Size": 1.5}
    assert identity.core_entries(loaded) == identity.core_entries(loaded | {"Size": Number("1.5")})


def test_values_that_an_earlier_definition_left_have_entries_too() -> None:
    identity = an_identity("name", "phone")
    assert len(identity.core_entries({"Last": ["a", 5], "First": {"x": 1}, "Phone": True})) == 5


def test_the_entries_of_a_part_are_limited() -> None:
    identity = an_identity("mail")
    values = [str(number) for number in range(MAX_ENTRIES)]
    assert len(identity.core_entries({"Mail": [*values, "0"]})) == MAX_ENTRIES
    with pytest.raises(TooManyEntries):
        identity.core_entries({"Mail": [*values, "x"]})


def test_the_entries_of_all_keys_and_records_count() -> None:
    half = MAX_ENTRIES // 2
    records = [{"Number": str(number), "Kind": 1} for number in range(half)]
    identity = an_identity("number")
    assert len(identity.record_entries("Many", records)) == MAX_ENTRIES
    with pytest.raises(TooManyEntries):
        identity.record_entries("Many", [*records, {"Number": "x"}])


def test_millions_of_combinations_are_refused_before_they_are_made() -> None:
    names = "ABCDEFGH"
    definition = a_definition(
        dict.fromkeys(names, SEVERAL), {"name": "k", "attributes": list(names)}
    )
    values = {name: [str(number) for number in range(100)] for name in names}
    with pytest.raises(TooManyEntries):
        IdentitySchema(definition).core_entries(values)


def test_records_that_begin_alike_share_entries() -> None:
    records = [{"Number": "1", "Kind": number} for number in range(MAX_ENTRIES - 1)]
    assert len(an_identity("number").record_entries("Many", records)) == MAX_ENTRIES


def test_a_look_up_asks_for_every_combination_of_given_values() -> None:
    pairs = [("Last", "a"), ("Last", "b"), ("First", "c"), ("First", "d"), ("First", "c")]
    _, _, values = sought(an_identity("name"), *pairs)
    assert len(set(values)) == len(values) == 4


def test_given_values_that_only_differ_in_case_are_one_where_the_key_disregards_it() -> None:
    _, _, values = sought(an_identity("mail"), ("Mail", "a"), ("Mail", "A"))
    assert len(values) == 1


def test_the_combinations_of_a_look_up_are_limited() -> None:
    pairs = [(name, str(number)) for name in ("Last", "First") for number in range(10)]
    identity = an_identity("name")
    assert len(sought(identity, *pairs)[2]) == 100
    with pytest.raises(TooManyCombinations):
        sought(identity, *pairs, ("First", "x"))


def matches(
    identity: IdentitySchema,
    pairs: list[tuple[str, str]],
    attributes: dict[str, Any],
    records: Any = None,
) -> bool:
    criteria = identity.criteria(pairs)
    key = identity.choose(criteria)
    return identity.matches(key, criteria, attributes, {"Many": records})


def test_any_given_value_may_equal_any_stored_one() -> None:
    identity = an_identity("name")
    profile = {"Last": "a", "First": ["b", "c"]}
    assert matches(identity, [("Last", "x"), ("Last", "a"), ("First", "c")], profile)
    assert not matches(identity, [("Last", "x"), ("First", "c")], profile)


def test_attributes_beyond_the_key_must_match_too() -> None:
    identity = an_identity("last")
    pairs = [("Last", "a"), ("Mail", "m"), ("Size", "1")]
    assert matches(identity, pairs, {"Last": "a", "Mail": ["x", "m"], "Size": Number("1.0")})
    assert not matches(identity, pairs, {"Last": "a", "Mail": ["x"], "Size": Number("1.0")})
    assert not matches(identity, pairs, {"Last": "a", "Mail": "m"})


def test_only_the_attributes_of_the_key_disregard_case() -> None:
    profile = {"Mail": "A@B", "Last": "a"}
    identity = an_identity("mail", "last")
    assert matches(identity, [("Mail", "a@b"), ("Last", "a")], profile)
    assert not matches(identity, [("Mail", "a@b"), ("Last", "A")], profile)
    assert not matches(an_identity("last"), [("Mail", "a@b"), ("Last", "a")], profile)


def test_telephone_numbers_beyond_the_key_are_compared_in_any_spelling() -> None:
    profile = {"Last": "a", "Phone": "0171/1234567"}
    assert matches(an_identity("last"), [("Last", "a"), ("Phone", "+491711234567")], profile)


def test_one_record_fulfils_all_that_is_asked_of_its_extension() -> None:
    identity = an_identity("number", "last")
    pairs = [("Many.Number", "1"), ("Many.Kind", "2"), ("Last", "a")]
    apart = [{"Number": "1", "Kind": 1}, {"Number": "2", "Kind": 2}]
    together = [*apart, {"Number": ["0", "1"], "Kind": 2}]
    assert not matches(identity, pairs, {"Last": "a"}, apart)
    assert matches(identity, pairs, {"Last": "a"}, together)
    assert matches(identity, pairs, {"Last": "a"}, together[2])
    assert not matches(identity, pairs, {"Last": "b"}, together)


@pytest.mark.parametrize("records", [None, [], [{}]])
def test_a_profile_without_records_does_not_match(records: Any) -> None:
    assert not matches(
        an_identity("last"), [("Last", "a"), ("Many.Note", "x")], {"Last": "a"}, records
    )


VALUES = st.sampled_from(["a", "A", "b", ""])
SOME = VALUES | st.lists(VALUES, max_size=3)


@settings(deadline=None, database=None)
@given(last=SOME, first=SOME, asked_last=VALUES, asked_first=VALUES)
def test_a_profile_that_matches_a_whole_key_is_found_by_it_and_no_other_is(
    last: Any, first: Any, asked_last: str, asked_first: str
) -> None:
    keys = {"name": "k", "attributes": ["Last", "First"], "match": "casefold"}
    identity = IdentitySchema(a_definition(ATTRIBUTES, keys))
    profile = {"Last": last, "First": first}
    pairs = [("Last", asked_last), ("First", asked_first)]
    found = finds(identity, identity.core_entries(profile), *pairs)
    assert found is matches(identity, pairs, profile)
