"""The next version of a profile, out of what is stored and what is asked for."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from app.dao.base import Operation, State, StoredProfile, Version
from app.services.changes import (
    MAX_STORED_BYTES,
    live,
    next_version,
    outcome,
    overwrite,
    overwrite_version,
    remove,
)
from app.services.errors import ProfileTooLarge
from schemas.profile import ProfileContent
from tests.support.creators import a_key

KEY = a_key()


def a_stored(**parts: Any) -> StoredProfile:
    """A live profile with an Address and a Phone, of which the Phone was read."""
    defaults: dict[str, Any] = {
        "version": Version(3, uuid4()),
        "state": State.LIVE,
        "attributes": b'{"a":1}',
        "extensions": {"Phone": b"[1]"},
        "extension_names": frozenset({"Address", "Phone"}),
    }
    return StoredProfile(**defaults | parts)


def a_deleted() -> StoredProfile:
    return a_stored(
        state=State.DELETED, attributes=b"{}", extensions={}, extension_names=frozenset()
    )


def a_content(**parts: Any) -> ProfileContent:
    defaults: dict[str, Any] = {"customer_id": None, "attributes": {"b": 2}, "extensions": None}
    return ProfileContent(**defaults | parts)


def test_a_profile_that_is_missing_or_deleted_is_not_live() -> None:
    stored = a_stored()
    assert live(stored) is stored
    assert live(a_deleted()) is None
    assert live(None) is None


def test_versions_count_from_one_and_never_repeat() -> None:
    assert next_version(None).number == 1
    version = Version(41, uuid4())
    following = [next_version(version) for _ in range(100)]
    assert {each.number for each in following} == {42}
    assert len({each.write_id for each in following} | {version.write_id}) == 101


@pytest.mark.parametrize("stored", [a_stored(), a_deleted()])
def test_an_overwrite_follows_the_stored_version(stored: StoredProfile) -> None:
    change = overwrite(KEY, Operation.UPDATE, a_content(), stored, 60)
    assert change.expected == stored.version
    assert change.version.number == stored.version.number + 1
    assert change.state is State.LIVE


def test_an_overwrite_of_nothing_expects_nothing() -> None:
    change = overwrite(KEY, Operation.CREATE, a_content(), None, 60)
    assert change.expected is None
    assert change.version.number == 1
    assert change.stored_names == frozenset()


def test_an_overwrite_carries_what_it_is_told() -> None:
    before = datetime.now(UTC)
    change = overwrite(KEY, Operation.LOAD, a_content(), a_stored(), 60)
    assert (change.key, change.operation, change.keep_past_for) == (KEY, Operation.LOAD, 60)
    assert change.attributes == b'{"b":2}'
    assert before <= change.made_at <= datetime.now(UTC)


def test_content_without_extensions_leaves_the_stored_ones_untouched() -> None:
    change = overwrite(KEY, Operation.UPDATE, a_content(), a_stored(), 60)
    assert change.extensions is None
    assert change.removed_names == frozenset()
    assert change.extension_names == frozenset({"Address", "Phone"})


@pytest.mark.parametrize("stored", [None, a_deleted()])
def test_content_without_extensions_gives_a_new_profile_none(
    stored: StoredProfile | None,
) -> None:
    change = overwrite(KEY, Operation.CREATE, a_content(), stored, 60)
    assert change.extensions == {}
    assert change.extension_names == frozenset()


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
    content = a_content(extensions=extensions)
    change = overwrite(KEY, Operation.UPDATE, content, a_stored(), 60)
    assert change.extensions == texts
    assert change.removed_names == removed
    assert change.extension_names == texts.keys()


def test_a_version_is_overwritten_without_knowing_what_else_it_holds() -> None:
    expected = Version(3, uuid4())
    change = overwrite_version(KEY, a_content(), expected, 60)
    assert (change.expected, change.version.number) == (expected, 4)
    assert (change.operation, change.attributes) == (Operation.UPDATE, b'{"b":2}')
    assert (change.extensions, change.stored_names, change.extension_names) == (None, None, None)
    assert change.removed_names == frozenset()
    assert change.keep_past_for == 60


def test_a_removal_leaves_a_deleted_profile_without_content() -> None:
    stored = a_stored()
    change = remove(KEY, stored, 60)
    assert (change.state, change.operation) == (State.DELETED, Operation.DELETE)
    assert (change.expected, change.version.number) == (stored.version, 4)
    assert (change.attributes, change.extensions) == (b"{}", {})
    assert change.removed_names == {"Address", "Phone"}
    assert change.keep_past_for == 60


def test_the_outcome_of_a_replacement_holds_its_records() -> None:
    content = a_content(extensions={"Vip": {}})
    change = overwrite(KEY, Operation.UPDATE, content, a_stored(), 60)
    after = outcome(change, a_stored())
    assert after == StoredProfile(change.version, State.LIVE, b'{"b":2}', {"Vip": b"{}"})


def test_the_outcome_of_untouched_extensions_holds_those_that_were_read() -> None:
    stored = a_stored()
    after = outcome(overwrite(KEY, Operation.UPDATE, a_content(), stored, 60), stored)
    assert after.extensions == {"Phone": b"[1]"}


def test_the_outcome_of_an_unread_version_holds_no_records() -> None:
    after = outcome(overwrite_version(KEY, a_content(), Version(3, uuid4()), 60), None)
    assert (after.attributes, after.extensions) == (b'{"b":2}', {})


def test_the_outcome_of_a_removal_is_not_live() -> None:
    stored = a_stored()
    after = outcome(remove(KEY, stored, 60), stored)
    assert live(after) is None
    assert after.extensions == {}


@pytest.mark.parametrize("untouched", [True, False], ids=["attributes", "extensions"])
def test_a_profile_that_takes_too_much_room_is_refused(untouched: bool) -> None:
    half = "x" * (MAX_STORED_BYTES // 2)
    fits = a_content(attributes={"a": half[:-99]}, extensions={"Address": half[:-99]})
    overwrite(KEY, Operation.UPDATE, fits, a_stored(), 0)
    large = a_content(attributes={"a": half}, extensions={"Address": half})
    if untouched:
        large = a_content(attributes={"a": half + half})
    with pytest.raises(ProfileTooLarge):
        overwrite(KEY, Operation.UPDATE, large, a_stored(), 0)
