"""Receipts of operations that are done once: left by the change, and kept for a while."""

from dataclasses import replace
from uuid import uuid4

import pytest

from app.dao.base import Dao
from app.dao.cassandra import statements
from app.dao.embedded import receipts
from app.dao.errors import VersionConflict
from app.dao.values import Change, Once, Operation, ProfileKey, Receipt, State, StoredProfile
from tests.contract.steps import read, until
from tests.support.creators import a_change, a_key


def a_once() -> Once:
    return Once(uuid4().hex, uuid4().hex)


def read_with(dao: Dao, key: ProfileKey, once: Once) -> StoredProfile:
    stored = dao.get(key, for_change=True, once=once)
    assert stored is not None
    return stored


def receipt(dao: Dao, key: ProfileKey, once: Once) -> Receipt | None:
    """What every kind of read says."""
    other = dao.get(key, ["A"], once=once)
    assert other is not None
    assert read_with(dao, key, once).receipt == other.receipt
    return other.receipt


def receipt_of(change: Change, once: Once) -> Receipt:
    return Receipt(once.request, change.operation, change.version)


def test_a_change_leaves_its_receipt(dao: Dao) -> None:
    once, other = a_once(), a_once()
    change = a_change(a_key(), once=once, records={"A": [1]})
    dao.commit(change)
    assert receipt(dao, change.key, once) == receipt_of(change, once)
    assert receipt(dao, change.key, other) is None
    assert read(dao, change.key, "A").receipt is None


def test_a_receipt_stays_whatever_becomes_of_the_profile(dao: Dao) -> None:
    once, later = a_once(), a_once()
    change = a_change(a_key(), once=once)
    dao.commit(change)
    for operation in (Operation.UPDATE, Operation.DELETE):
        state = State.DELETED if operation is Operation.DELETE else State.LIVE
        made = a_change(change.key, read(dao, change.key), operation=operation, state=state)
        dao.commit(replace(made, once=later))
        assert receipt(dao, change.key, once) == receipt_of(change, once)
        assert receipt(dao, change.key, later) == receipt_of(made, later)


def test_a_refused_change_leaves_none(dao: Dao) -> None:
    once, key = a_once(), a_key()
    dao.commit(a_change(key))
    with pytest.raises(VersionConflict):
        dao.commit(a_change(key, once=once))
    assert receipt(dao, key, once) is None


def test_profiles_and_tenants_have_receipts_of_their_own(dao: Dao) -> None:
    once, key = a_once(), a_key()
    dao.commit(a_change(key, once=once))
    for other in (replace(key, tenant=key.tenant + 1), replace(key, customer_id="other")):
        dao.commit(a_change(other))
        assert receipt(dao, other, once) is None


def test_a_receipt_goes_after_its_time(dao: Dao, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (statements, receipts):
        monkeypatch.setattr(module, "RECEIPT_SECONDS", 1)
    once, key = a_once(), a_key()
    dao.commit(a_change(key, once=once))
    until(lambda: read_with(dao, key, once).receipt is None or None)
    again = a_change(key, read(dao, key), once=replace(once, request="another"))
    dao.commit(again)
    found = receipt(dao, key, once)
    assert found is not None
    assert found.request == "another"
