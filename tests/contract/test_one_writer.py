"""Commits and reads of one profile, without others at work."""

from datetime import UTC, datetime

import pytest

from app.dao.base import ProfileDao, State, Version, VersionConflict
from app.settings import StoreAddress
from tests.support.creators import a_change, a_key, texts
from tests.support.past import past_rows


def test_a_profile_that_never_existed_is_none(dao: ProfileDao) -> None:
    assert dao.get(a_key(), ["Address"], for_change=True) is None


def test_what_is_committed_is_read_back(dao: ProfileDao) -> None:
    change = a_change(a_key(), attributes={"a": 1}, extensions={"Phone": [1], "Vip": {}})
    dao.commit(change)
    stored = dao.get(change.key, ["Phone", "Address"], for_change=True)
    assert stored is not None
    assert stored.version == change.version
    assert stored.state is State.LIVE
    assert stored.attributes == b'{"a": 1}'
    assert stored.extensions == {"Phone": b"[1]"}
    assert stored.extension_names == frozenset({"Phone", "Vip"})


def test_documents_are_kept_byte_for_byte(dao: ProfileDao) -> None:
    text = '{"b": 12.10,  "a": "é\\u00e9\U0001f600", "a b": [] }'.encode()
    change = a_change(a_key())
    object.__setattr__(change, "attributes", text)
    dao.commit(change)
    stored = dao.get(change.key)
    assert stored is not None
    assert stored.attributes == text


def test_no_extension_is_read_unless_asked_for(dao: ProfileDao) -> None:
    change = a_change(a_key(), extensions={"Phone": [1]})
    dao.commit(change)
    stored = dao.get(change.key)
    assert stored is not None
    assert stored.extensions == {}
    assert stored.extension_names is None


def test_profiles_of_tenants_are_apart(dao: ProfileDao) -> None:
    change = a_change(a_key())
    dao.commit(change)
    assert dao.get(a_key(change.key.tenant + 10**15)) is None


def test_a_change_removes_and_writes_the_same_rows_at_once(dao: ProfileDao) -> None:
    first = a_change(a_key(), attributes={"a": 1}, extensions={"A": [1], "B": [1], "C": [1]})
    dao.commit(first)
    stored_names = frozenset({"A", "B", "C"})
    for number in range(2, 6):
        second = a_change(
            first.key,
            first.version,
            attributes={"a": number},
            extensions={"A": [number], "D": [number]},
            stored_names=stored_names,
        )
        dao.commit(second)
        stored = dao.get(first.key, "ABCD", for_change=True)
        assert stored is not None
        assert stored.attributes == second.attributes
        assert stored.extensions == texts({"A": [number], "D": [number]})
        assert stored.extension_names == frozenset({"A", "D"})
        first, stored_names = second, frozenset({"A", "D"})


def test_an_extension_that_was_removed_can_come_back(dao: ProfileDao) -> None:
    one = a_change(a_key(), extensions={"A": [1]})
    dao.commit(one)
    two = a_change(one.key, one.version, extensions={}, stored_names=frozenset({"A"}))
    dao.commit(two)
    three = a_change(one.key, two.version, extensions={"A": [3]})
    dao.commit(three)
    stored = dao.get(one.key, ["A"])
    assert stored is not None
    assert stored.extensions == {"A": b"[3]"}


@pytest.mark.parametrize("known", [True, False], ids=["names known", "names unknown"])
def test_untouched_extensions_stay(dao: ProfileDao, known: bool) -> None:
    one = a_change(a_key(), extensions={"A": [1]})
    dao.commit(one)
    names = frozenset({"A"}) if known else None
    two = a_change(one.key, one.version, attributes={"a": 2}, extensions=None, stored_names=names)
    dao.commit(two)
    stored = dao.get(one.key, ["A"], for_change=True)
    assert stored is not None
    assert stored.attributes == b'{"a": 2}'
    assert stored.extensions == {"A": b"[1]"}
    assert stored.extension_names == frozenset({"A"})


def test_a_deleted_profile_stays_as_a_state_without_content(dao: ProfileDao) -> None:
    one = a_change(a_key(), attributes={"a": 1}, extensions={"A": [1]})
    dao.commit(one)
    names = frozenset({"A"})
    two = a_change(one.key, one.version, state=State.DELETED, stored_names=names)
    dao.commit(two)
    stored = dao.get(one.key, ["A"], for_change=True)
    assert stored is not None
    assert (stored.state, stored.version) == (State.DELETED, two.version)
    assert (stored.attributes, stored.extensions) == (b"{}", {})


def test_a_commit_that_expects_another_version_changes_nothing(dao: ProfileDao) -> None:
    one = a_change(a_key(), attributes={"a": 1}, extensions={"A": [1]})
    dao.commit(one)
    other = Version(one.version.number, a_change(a_key()).version.write_id)
    forged = Version(one.version.number + 1, one.version.write_id)
    for expected in (None, other, forged):
        with pytest.raises(VersionConflict):
            dao.commit(a_change(one.key, expected, attributes={"a": 2}, extensions={"B": [2]}))
    stored = dao.get(one.key, ["A", "B"])
    assert stored is not None
    assert stored.version == one.version
    assert (stored.attributes, stored.extensions) == (b'{"a": 1}', {"A": b"[1]"})


def test_a_commit_that_expects_a_version_of_no_profile_is_refused(dao: ProfileDao) -> None:
    change = a_change(a_key(), a_change(a_key()).version)
    with pytest.raises(VersionConflict):
        dao.commit(change)
    assert dao.get(change.key) is None


def test_a_change_of_a_thousand_records_and_of_none_fit(dao: ProfileDao) -> None:
    records = [{"n": number, "text": "x" * 500} for number in range(1000)]
    change = a_change(a_key(), extensions={"Phone": records, "None": []})
    dao.commit(change)
    stored = dao.get(change.key, ["Phone", "None"])
    assert stored is not None
    assert stored.extensions == texts({"Phone": records, "None": []})


def test_every_change_leaves_a_past_row_while_it_is_kept(
    dao: ProfileDao, address: StoreAddress
) -> None:
    one = a_change(a_key(), attributes={"a": 1}, extensions={"A": [1]})
    two = a_change(one.key, one.version, attributes={"a": 2}, extensions=None)
    three = a_change(one.key, two.version, attributes={"a": 3}, keep_past_for=0)
    for change in (one, two, three):
        dao.commit(change)
    assert past_rows(address, one.key) == [
        (two.version, "update", b'{"attributes":{"a": 2}}'),
        (one.version, "create", b'{"attributes":{"a": 1},"extensions":{"A":[1]}}'),
    ]


def test_the_store_tells_its_product_and_that_it_is_prepared(dao: ProfileDao) -> None:
    status = dao.status()
    assert status.product.split()[0] in {"SQLite", "Apache"}
    assert status.pending_migrations == ()


def test_closing_twice_is_harmless_and_a_closed_store_opens_again(dao: ProfileDao) -> None:
    change = a_change(a_key(), made_at=datetime.now(UTC))
    dao.commit(change)
    dao.close()
    dao.close()
    stored = dao.get(change.key)
    assert stored is not None
    assert stored.version == change.version
