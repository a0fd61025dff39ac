"""Writers to Cassandra that are overtaken by others just before their conditional write."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from cassandra.query import BatchStatement

from app.dao.base import Dao
from app.dao.cassandra.connection import Connection
from app.dao.cassandra.dao import CassandraDao
from app.dao.errors import ValueTaken, VersionConflict
from app.dao.values import ProfileKey, State
from app.settings import CassandraStore
from app.stores import open_dao
from tests.contract.crashes import CassandraCrasher
from tests.contract.steps import commit_again, committed, found, read
from tests.support.creators import a_change, a_claim, a_key


class SlowConnection(Connection):
    """Lets others come first, once, before a change of a profile is sent."""

    meanwhile: Callable[[], object] | None = None

    def apply(self, statement: Any) -> dict[str, Any] | None:
        if isinstance(statement, BatchStatement) and self.meanwhile:
            others, self.meanwhile = self.meanwhile, None
            others()
        return super().apply(statement)


@pytest.fixture(scope="module")
def connection(cassandra_address: CassandraStore) -> Iterator[SlowConnection]:
    opened = SlowConnection(cassandra_address)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def slow(connection: SlowConnection) -> Dao:
    return CassandraDao(connection)


@pytest.fixture(scope="module")
def dao(cassandra_address: CassandraStore) -> Iterator[Dao]:
    opened = open_dao(cassandra_address)
    yield opened
    opened.close()


def claim_it(dao: Dao, key: ProfileKey) -> None:
    commit_again(dao, key, lambda stored: a_change(key, stored, entries=[a_claim()]))


@pytest.mark.parametrize("exists", [True, False])
def test_a_writer_whose_claim_was_taken_over_is_refused(
    slow: Dao, connection: SlowConnection, dao: Dao, exists: bool
) -> None:
    key = a_key()
    stored = committed(dao, a_change(key)) if exists else None
    other = a_key(key.tenant)
    connection.meanwhile = lambda: claim_it(dao, other)
    with pytest.raises(VersionConflict):
        slow.commit(a_change(key, stored, entries=[a_claim()]))
    assert found(dao, key.tenant, a_claim()) == [other.customer_id]
    assert read(dao, key).state is (State.LIVE if exists else State.DELETED)
    with pytest.raises(ValueTaken):
        dao.commit(a_change(key, read(dao, key), entries=[a_claim()]))


def test_a_claim_of_a_busy_writer_is_not_taken_over(
    slow: Dao, connection: SlowConnection, dao: Dao
) -> None:
    def claim_at_once() -> None:
        with pytest.raises(VersionConflict):
            dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))

    key, connection.meanwhile = a_key(), claim_at_once
    slow.commit(a_change(key, entries=[a_claim()]))
    assert found(dao, key.tenant, a_claim()) == [key.customer_id]


def test_a_refused_writer_leaves_the_claim_to_a_faster_one_of_its_profile(
    slow: Dao, connection: SlowConnection, dao: Dao
) -> None:
    key = a_key()
    connection.meanwhile = lambda: claim_it(dao, key)
    with pytest.raises(VersionConflict):
        slow.commit(a_change(key, entries=[a_claim()]))
    assert found(dao, key.tenant, a_claim()) == [key.customer_id]
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))


def test_a_writer_that_gives_up_a_value_leaves_the_claim_of_a_faster_one(
    slow: Dao, connection: SlowConnection, dao: Dao
) -> None:
    stored = committed(dao, a_change(key := a_key(), entries=[a_claim()]))
    connection.meanwhile = lambda: dao.commit(a_change(key, stored, attributes={"a": 1}))
    with pytest.raises(VersionConflict):
        slow.commit(a_change(key, stored, entries=[]))
    assert found(dao, key.tenant, a_claim()) == [key.customer_id]
    with pytest.raises(ValueTaken):
        dao.commit(a_change(a_key(key.tenant), entries=[a_claim()]))


def test_an_heir_gets_a_claim_that_a_slower_writer_of_the_profile_has_renewed(
    slow: Dao, connection: SlowConnection, dao: Dao, cassandra_address: CassandraStore
) -> None:
    source, crasher = a_key(), CassandraCrasher(cassandra_address, "crash")
    dying = a_change(source, entries=[a_claim()])
    connection.meanwhile = lambda: crasher.commit(dying, step=3)
    given = committed(slow, a_change(source, entries=[a_claim()]))
    crasher.dao.close()
    into = a_key(source.tenant)
    dao.commit(a_change(into, entries=[a_claim()], source=source.customer_id))
    dao.commit(a_change(source, given, entries=[], state=State.ALIAS, heir=into.customer_id))
    other = a_key(source.tenant)
    with pytest.raises(ValueTaken):
        claim_it(dao, other)
