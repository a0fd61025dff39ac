"""The next version of a profile, out of what is stored and what is asked for."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.dao.values import CORE, Link, Operation, State, StoredProfile, Version
from app.services.changes import (
    MAX_STORED_BYTES,
    Parts,
    Terms,
    change,
    change_unread,
    ended,
    found,
    live,
    next_version,
    overwriting,
    removal,
)
from app.services.definitions import Revision
from app.services.errors import ProfileMerged, ProfileNotFound, ProfileTooLarge
from schemas.document import parse
from schemas.identity import MAX_ENTRIES, IdentitySchema
from schemas.profile import ProfileContent
from tests.support.creators import a_key
from tests.unit.schemas import DEFAULT

KEY = a_key()
REVISION = Revision(1, 1, uuid4(), DEFAULT.definition, DEFAULT, IdentitySchema(DEFAULT.definition))
TERMS = Terms(REVISION, 60)


def a_stored(**parts: Any) -> StoredProfile:
    """A live profile with an Address and a Phone, of which the Phone was read."""
    defaults: dict[str, Any] = {
        "version": Version(3, uuid4()),
        "state": State.LIVE,
        "attributes": b'{"a":1}',
        "modified_at": datetime.now(UTC),
        "extensions": {"Phone": b"[1]"},
        "extension_names": frozenset({"Address", "Phone"}),
        "basis": "what was read",
    }
    return StoredProfile(**defaults | parts)


def a_deleted(**parts: Any) -> StoredProfile:
    gone: dict[str, Any] = {"state": State.DELETED, "attributes": b"{}"}
    return a_stored(**gone | {"extensions": {}, "extension_names": frozenset()} | parts)


def a_content(**parts: Any) -> ProfileContent:
    defaults: dict[str, Any] = {"customer_id": None, "attributes": {"b": 2}, "extensions": None}
    return ProfileContent(**defaults | parts)


def test_a_profile_that_is_missing_or_deleted_is_not_live() -> None:
    stored = a_stored()
    assert live(stored) is stored
    assert live(a_deleted()) is None
    assert live(None) is None


def test_a_live_profile_is_found() -> None:
    stored = a_stored()
    assert found(stored) is stored


@pytest.mark.parametrize("stored", [None, a_deleted()])
def test_a_profile_that_is_not_live_is_not_found(stored: StoredProfile | None) -> None:
    with pytest.raises(ProfileNotFound):
        found(stored)


def test_a_merged_profile_is_told_by_its_survivor() -> None:
    with pytest.raises(ProfileMerged) as raised:
        found(a_deleted(state=State.ALIAS, link=Link(uuid4(), "survivor")))
    assert raised.value.survivor == "survivor"


def test_versions_count_from_one_and_never_repeat() -> None:
    assert next_version(None).number == 1
    version = Version(41, uuid4())
    following = [next_version(version) for _ in range(100)]
    assert {each.number for each in following} == {42}
    assert len({each.write_id for each in following} | {version.write_id}) == 101


@pytest.mark.parametrize("stored", [a_stored(), a_deleted()])
def test_a_change_follows_the_stored_version(stored: StoredProfile) -> None:
    made = change(KEY, Operation.UPDATE, overwriting(a_content(), stored), stored, TERMS)
    assert (made.expected, made.basis) == (stored.version, stored.basis)
    assert made.version.number == stored.version.number + 1
    assert made.state is State.LIVE


def test_a_change_of_nothing_expects_nothing() -> None:
    made = change(KEY, Operation.CREATE, overwriting(a_content(), None), None, TERMS)
    assert (made.expected, made.basis) == (None, None)
    assert made.version.number == 1
    assert (made.removed, made.extension_names) == (frozenset(), frozenset())


def test_a_change_carries_what_it_is_told() -> None:
    before = datetime.now(UTC)
    made = change(KEY, Operation.LOAD, Parts({"b": 2}), a_stored(), TERMS)
    assert (made.key, made.operation, made.keep_past_for) == (KEY, Operation.LOAD, 60)
    assert (made.attributes, made.definition) == (b'{"b":2}', REVISION.tag)
    assert before <= made.made_at <= datetime.now(UTC)


def test_the_note_tells_the_parts_written_and_what_else_is_to_be_told() -> None:
    terms = Terms(REVISION, 60, {"by": "agent 7"})
    content = a_content(extensions={"Phone": [{}]})
    made = change(KEY, Operation.UPDATE, overwriting(content, a_stored()), a_stored(), terms)
    assert parse(made.note) == {"parts": ["attributes", "Phone", "Address"], "by": "agent 7"}


def test_content_without_extensions_leaves_the_stored_ones_untouched() -> None:
    stored = a_stored()
    made = change(KEY, Operation.UPDATE, overwriting(a_content(), stored), stored, TERMS)
    assert (made.records, made.removed) == ({}, frozenset())
    assert made.extension_names == frozenset({"Address", "Phone"})
    assert made.entries.keys() == {CORE}


@pytest.mark.parametrize(
    ("extensions", "texts", "removed"),
    [
        ({}, {}, {"Address", "Phone"}),
        ({"Phone": [{"b": 1}]}, {"Phone": b'[{"b":1}]'}, {"Address"}),
        ({"Vip": {}}, {"Vip": b"{}"}, {"Address", "Phone"}),
        ({"Address": {"b": 1}, "Phone": [{}]}, {"Address": b'{"b":1}', "Phone": b"[{}]"}, set()),
    ],
)
def test_content_with_extensions_replaces_the_whole_set(
    extensions: dict[str, Any], texts: dict[str, bytes], removed: set[str]
) -> None:
    parts = overwriting(a_content(extensions=extensions), a_stored())
    made = change(KEY, Operation.UPDATE, parts, a_stored(), TERMS)
    assert made.records == texts
    assert made.removed == removed
    assert made.extension_names == texts.keys()


def test_parts_that_are_not_whole_leave_all_others_as_they_are() -> None:
    parts = Parts(None, {"Phone": [{"b": 1}]})
    made = change(KEY, Operation.INSERT_RECORDS, parts, a_stored(), TERMS)
    assert made.attributes == b'{"a":1}'
    assert (made.records, made.removed) == ({"Phone": b'[{"b":1}]'}, frozenset())
    assert made.extension_names == frozenset({"Address", "Phone"})
    assert made.entries.keys() == {"Phone"}


def test_an_extension_that_is_given_nothing_is_removed() -> None:
    parts = Parts(None, {"Phone": None, "Vip": None})
    made = change(KEY, Operation.REMOVE_EXTENSION, parts, a_stored(), TERMS)
    assert (made.records, made.removed) == ({}, frozenset({"Phone"}))
    assert made.extension_names == frozenset({"Address"})
    assert made.all_entries["Phone"] == frozenset()


def test_a_change_carries_the_entries_of_the_parts_it_writes() -> None:
    values = {"EmailAddress": ["a@b.example", "c@d.example"]}
    parts = Parts(values, {"Phone": [{"PhoneNumber": "+12025550172"}]})
    made = change(KEY, Operation.PATCH, parts, a_stored(), TERMS)
    assert [entry.key for entry in made.entries[CORE]] == ["email", "email"]
    assert [entry.key for entry in made.entries["Phone"]] == ["ext_phone"]


def test_a_version_is_overwritten_without_knowing_what_else_it_holds() -> None:
    expected = Version(3, uuid4())
    made = change_unread(KEY, a_content(), expected, TERMS)
    assert made.is_blind
    assert (made.expected, made.version.number) == (expected, 4)
    assert (made.operation, made.attributes) == (Operation.UPDATE, b'{"b":2}')
    assert (made.records, made.removed, made.extension_names) == ({}, frozenset(), None)
    assert made.keep_past_for == 60


def test_a_removal_leaves_a_deleted_profile_without_content() -> None:
    stored = a_stored(merges=frozenset({uuid4()}))
    made = removal(KEY, stored, TERMS)
    assert (made.state, made.operation) == (State.DELETED, Operation.DELETE)
    assert (made.expected, made.version.number) == (stored.version, 4)
    assert (made.attributes, made.records) == (b"{}", {})
    assert made.merges == ended(stored.merges)
    assert made.merges.isdisjoint(stored.merges)
    assert ended(made.merges) == made.merges
    assert made.removed == {"Address", "Phone"}
    assert made.extension_names == frozenset()
    assert made.all_entries == dict.fromkeys(("Address", "Phone", CORE), frozenset())


@pytest.mark.parametrize("untouched", [True, False], ids=["attributes", "extensions"])
def test_a_profile_that_takes_too_much_room_is_refused(untouched: bool) -> None:
    half = "x" * (MAX_STORED_BYTES // 2)
    fits = Parts({"a": half[:-99]}, {"Address": {"a": half[:-99]}})
    change(KEY, Operation.UPDATE, fits, a_stored(), TERMS)
    large = (
        Parts({"a": half + half}) if untouched else Parts({"a": half}, {"Address": {"a": half}})
    )
    with pytest.raises(ProfileTooLarge):
        change(KEY, Operation.UPDATE, large, a_stored(), TERMS)


def test_a_profile_with_too_many_values_to_be_found_by_is_refused() -> None:
    numbers = [f"+1 202 555 {number:04d}" for number in range(MAX_ENTRIES + 1)]
    with pytest.raises(ProfileTooLarge):
        change(KEY, Operation.UPDATE, Parts({"PhoneNumber": numbers}), a_stored(), TERMS)
