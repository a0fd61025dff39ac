"""Commits and reads of one profile, without others at work."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from app.dao.base import Dao, ProfileDao
from app.dao.errors import VersionConflict
from app.dao.values import Link, State, Version
from app.settings import StoreAddress
from tests.contract.steps import committed, read
from tests.support.creators import a_change, a_key, texts
from tests.support.past import past_rows


def test_a_profile_that_never_existed_is_none(dao: ProfileDao) -> None:
    assert dao.get(a_key(), ["Address"], for_change=True) is None


def test_what_is_committed_is_read_back(dao: ProfileDao) -> None:
    change = a_change(a_key(), attributes={"a": 1}, records={"Phone": [1], "Vip": {}})
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
    change = a_change(a_key(), records={"Phone": [1]})
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
    first = a_change(a_key(), attributes={"a": 1}, records={"A": [1], "B": [1], "C": [1]})
    stored = committed(dao, first)
    for number in range(2, 6):
        records = {"A": [number], "D": [number]}
        removed = (stored.extension_names or frozenset()) - records.keys()
        second = a_change(
            first.key, stored, attributes={"a": number}, records=records, removed=removed
        )
        dao.commit(second)
        stored = read(dao, first.key, *"ABCD")
        assert stored.attributes == second.attributes
        assert stored.extensions == texts(records)
        assert stored.extension_names == frozenset({"A", "D"})


def test_an_extension_that_was_removed_can_come_back(dao: ProfileDao) -> None:
    one = committed(dao, a_change(key := a_key(), records={"A": [1]}))
    two = committed(dao, a_change(key, one, removed=frozenset({"A"})))
    assert two.extension_names == frozenset()
    dao.commit(a_change(key, two, records={"A": [3]}))
    assert read(dao, key, "A").extensions == {"A": b"[3]"}


@pytest.mark.parametrize("was_read", [True, False], ids=["read", "not read"])
def test_untouched_extensions_stay(dao: ProfileDao, was_read: bool) -> None:
    one = committed(dao, a_change(key := a_key(), records={"A": [1]}))
    dao.commit(a_change(key, one if was_read else one.version, attributes={"a": 2}))
    stored = read(dao, key, "A")
    assert stored.attributes == b'{"a": 2}'
    assert stored.extensions == {"A": b"[1]"}
    assert stored.extension_names == frozenset({"A"})


def test_a_deleted_profile_stays_as_a_state_without_content(dao: ProfileDao) -> None:
    one = committed(dao, a_change(key := a_key(), attributes={"a": 1}, records={"A": [1]}))
    two = a_change(key, one, state=State.DELETED, removed=frozenset({"A"}))
    dao.commit(two)
    stored = read(dao, key, "A")
    assert (stored.state, stored.version) == (State.DELETED, two.version)
    assert (stored.attributes, stored.extensions) == (b"{}", {})


@pytest.mark.parametrize("state", [State.MERGING, State.RESTORING, State.ALIAS])
def test_a_state_of_merging_comes_with_where_it_leads(dao: ProfileDao, state: State) -> None:
    one = committed(dao, a_change(key := a_key()))
    link = Link(uuid4(), "an id of 16 ch..")
    two = committed(dao, a_change(key, one, state=state, link=link))
    assert (two.state, two.link) == (state, link)
    three = committed(dao, a_change(key, two))
    assert (three.state, three.link) == (State.LIVE, None)


def test_merges_taken_in_stay_until_they_are_written_anew(dao: ProfileDao) -> None:
    merges = frozenset({uuid4(), uuid4()})
    one = committed(dao, a_change(key := a_key(), merges=merges))
    two = committed(dao, a_change(key, one))
    assert (one.merges, two.merges) == (merges, merges)
    assert committed(dao, a_change(key, two, merges=frozenset())).merges == frozenset()


def test_a_commit_that_expects_another_version_changes_nothing(dao: ProfileDao) -> None:
    one = a_change(a_key(), attributes={"a": 1}, records={"A": [1]})
    dao.commit(one)
    other = Version(one.version.number, a_change(a_key()).version.write_id)
    forged = Version(one.version.number + 1, one.version.write_id)
    for expected in (None, other, forged):
        with pytest.raises(VersionConflict):
            dao.commit(a_change(one.key, expected, attributes={"a": 2}, records={"B": [2]}))
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
    change = a_change(a_key(), records={"Phone": records, "None": []})
    dao.commit(change)
    stored = dao.get(change.key, ["Phone", "None"])
    assert stored is not None
    assert stored.extensions == texts({"Phone": records, "None": []})


def test_every_change_leaves_a_past_row_while_it_is_kept(
    dao: ProfileDao, address: StoreAddress
) -> None:
    one = a_change(a_key(), attributes={"a": 1}, records={"A": [1]})
    two = a_change(one.key, one.version, attributes={"a": 2})
    three = a_change(one.key, two.version, attributes={"a": 3}, keep_past_for=0)
    for change in (one, two, three):
        dao.commit(change)
    assert past_rows(address, one.key) == [
        (two.version, "update", b'{"attributes":{"a": 2}}'),
        (one.version, "create", b'{"attributes":{"a": 1},"extensions":{"A":[1]}}'),
    ]


def test_the_store_tells_its_product_and_that_it_is_prepared(dao: Dao) -> None:
    status = dao.status()
    assert status.product.split()[0] in {"SQLite", "Apache"}
    assert status.pending_migrations == ()


def test_closing_twice_is_harmless_and_a_closed_store_opens_again(dao: Dao) -> None:
    change = a_change(a_key(), made_at=datetime.now(UTC))
    dao.commit(change)
    dao.close()
    dao.close()
    stored = dao.get(change.key)
    assert stored is not None
    assert stored.version == change.version
