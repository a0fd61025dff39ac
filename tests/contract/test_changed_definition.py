"""Commits under a definition that is not in force any more."""

from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from app.dao.base import Dao
from app.dao.cassandra import profiles
from app.dao.errors import DefinitionChanged
from app.dao.values import DEFINITION, DocumentKey, ProfileKey
from app.settings import CassandraStore, StoreAddress
from app.stores import open_dao
from tests.contract.steps import committed, found, read
from tests.support.creators import a_change, a_claim, a_key, an_entry


@pytest.fixture
def strict(address: StoreAddress, monkeypatch: pytest.MonkeyPatch) -> Iterator[Dao]:
    """A store whose commits all look at the definition: on Cassandra, slow ones do."""
    monkeypatch.setattr(profiles, "SEND_SECONDS", 0.0)
    dao = open_dao(address)
    yield dao
    dao.close()


def define(dao: Dao, key: ProfileKey, expected: UUID | None = None) -> UUID:
    """The tag of a new definition of the profile's tenant."""
    tag = uuid4()
    dao.put_document(DocumentKey(key.tenant, DEFINITION), b"{}", expected=expected, tag=tag)
    return tag


def test_a_change_under_the_definition_in_force_is_applied(strict: Dao) -> None:
    tag = define(strict, key := a_key())
    assert committed(strict, a_change(key, definition=tag)).version.number == 1


def test_a_change_under_any_definition_is_applied(strict: Dao) -> None:
    define(strict, key := a_key())
    assert committed(strict, a_change(key, definition=None)).version.number == 1


@pytest.mark.parametrize("defined", [True, False], ids=["another", "none"])
def test_a_change_under_another_definition_changes_nothing(strict: Dao, defined: bool) -> None:
    key = a_key()
    stored = committed(strict, a_change(key, entries=[an_entry("a")]))
    if defined:
        define(strict, key, define(strict, key))
    entries = [a_claim("b"), an_entry("c")]
    with pytest.raises(DefinitionChanged):
        strict.commit(a_change(key, stored, definition=uuid4(), entries=entries))
    assert read(strict, key).version == stored.version
    assert found(strict, key.tenant, an_entry("a")) == [key.customer_id]
    assert found(strict, key.tenant, an_entry("c")) == []
    strict.commit(a_change(a_key(key.tenant), entries=[a_claim("b")]))


def test_a_fast_commit_asks_for_no_definition_on_cassandra(
    cassandra_address: CassandraStore,
) -> None:
    dao = open_dao(cassandra_address)
    assert committed(dao, a_change(a_key(), definition=uuid4())).version.number == 1
    dao.close()
