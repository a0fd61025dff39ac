"""A store that is asked after the deadline, or does not answer before it."""

import time
from collections.abc import Iterator

import pytest

from app import stores
from app.concurrency import deadline
from app.dao.base import Dao
from app.dao.embedded.connection import Connections, connect, translated
from app.dao.errors import DeadlineExceeded, OutcomeUnknown
from app.settings import EmbeddedStore, store_address
from local_cassandra.node import Node
from tests.contract.test_failing_store import CALLS
from tests.support.cassandra import local_node
from tests.support.creators import a_change, a_claim, a_key
from tests.support.server import wait_until

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
SOON = 0.2
"""Seconds that a request has."""


@pytest.mark.parametrize("method", CALLS)
def test_no_method_asks_a_store_after_the_deadline(dao: Dao, method: str) -> None:
    dao.status()
    with deadline.until(time.monotonic()), pytest.raises(DeadlineExceeded):
        CALLS[method](dao)


def test_a_change_after_the_deadline_is_not_made(dao: Dao) -> None:
    change = a_change(a_key())
    with deadline.until(time.monotonic()), pytest.raises(DeadlineExceeded):
        dao.commit(change)
    assert dao.get(change.key) is None


def test_a_statement_is_interrupted_at_the_deadline(embedded_address: EmbeddedStore) -> None:
    connections = Connections(embedded_address.path)
    connection = connections.of_this_thread()
    with deadline.until(time.monotonic() + SOON), pytest.raises(DeadlineExceeded), translated():
        connection.execute(ENDLESS).fetchall()
    assert connection.execute("SELECT 1").fetchall() == [(1,)]
    connections.close()


def test_a_write_does_not_wait_for_another_after_the_deadline(
    embedded_address: EmbeddedStore,
) -> None:
    change, dao = a_change(a_key()), stores.open_dao(embedded_address)
    other = connect(embedded_address.path)
    other.execute("BEGIN IMMEDIATE")
    with deadline.until(time.monotonic() + SOON), pytest.raises(DeadlineExceeded):
        dao.commit(change)
    other.execute("ROLLBACK")
    assert dao.get(change.key) is None
    other.close()
    dao.close()


@pytest.fixture(scope="module")
def own_node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Dao, Node]]:
    """A Cassandra of this module alone."""
    with local_node(tmp_path_factory.mktemp("own")) as cluster:
        address = store_address(cluster.store_url)
        stores.migrate(address)
        dao = stores.open_dao(address)
        yield dao, cluster.nodes[0]
        dao.close()


def test_a_node_that_stands_still_is_not_waited_for(own_node: tuple[Dao, Node]) -> None:
    dao, node = own_node
    dao.status()
    with node.paused():
        for method in CALLS.keys() - {"put_document", "delete_document"}:
            with deadline.until(time.monotonic() + SOON), pytest.raises(DeadlineExceeded):
                CALLS[method](dao)


def test_a_sent_change_without_an_answer_in_time_stays_unknown(
    own_node: tuple[Dao, Node],
) -> None:
    dao, node = own_node
    change = a_change(a_key())
    dao.commit(a_change(a_key()))
    with node.paused(), deadline.until(time.monotonic() + SOON):
        with pytest.raises(OutcomeUnknown):
            dao.commit(change)
    wait_until(lambda: dao.get(change.key) is not None)


def test_a_change_whose_claim_is_not_answered_in_time_is_not_made(
    own_node: tuple[Dao, Node],
) -> None:
    dao, node = own_node
    change = a_change(a_key(), entries=[a_claim()])
    dao.commit(a_change(a_key(), entries=[a_claim()]))
    with node.paused(), deadline.until(time.monotonic() + SOON):
        with pytest.raises(DeadlineExceeded):
            dao.commit(change)
    assert dao.get(change.key) is None
